// SPDX-License-Identifier: Apache-2.0
declare module "virtual:messages" {
  const catalogue: Record<string, { fr: string; en: string }>;
  export default catalogue;
}
