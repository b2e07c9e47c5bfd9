// SPDX-License-Identifier: Apache-2.0
#include "engine/device_gateway.h"

#include <utility>

#include "engine/log.h"

namespace telavis {
namespace {

constexpr std::string_view kUploadPurpose = "telavis/uploads";
constexpr std::chrono::minutes kUploadExpiryPause(10);  // of uploads that live a day

}  // namespace

Result<std::unique_ptr<DeviceGateway>> DeviceGateway::open(
    const Config& config, ExamDoor& door, Clock& clock, Random& random, const Key& master,
    std::function<void(const Error&)> failed) {
  std::unique_ptr<DeviceGateway> gateway(new DeviceGateway(door, clock, config.folder_poll));
  auto uploads =
      UploadStore::open(config.data_dir / "uploads", derive_key(master, kUploadPurpose), random);
  if (!uploads) return tl::unexpected(uploads.error());
  gateway->uploads_ = std::move(*uploads);
  const auto told = [failed = std::move(failed)](const std::string& device, const Error& error) {
    log_error("folder of " + device + ": " + std::string(error_name(error.code)) + ": " +
              error.text);
    failed(error);
  };
  for (const WatchedFolder& folder : config.folders) {
    gateway->folders_.push_back(std::make_unique<DropFolder>(
        folder.path, DropPorts{door, gateway->slots_, clock, told}, !folder.on_share));
  }
  return gateway;
}

std::vector<Duty> DeviceGateway::duties() {
  std::vector<Duty> duties = {
      {"uploads", kUploadExpiryPause, [this] { return uploads_->expire(clock_.now()); }}};
  for (std::size_t i = 0; i < folders_.size(); ++i) {
    duties.push_back({"folder_" + std::to_string(i + 1), poll_,
                      [folder = folders_[i].get()] { return folder->look(); }});
  }
  return duties;
}

}  // namespace telavis
