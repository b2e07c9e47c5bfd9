// SPDX-License-Identifier: Apache-2.0
// Puts one object into a bucket of an S3 service (AWS Signature Version 4, path-style addresses),
// and never another one under the same key.
#pragma once

#include <chrono>
#include <string>

#include "formats/bytes.h"
#include "formats/result.h"

namespace telavis {

struct S3Bucket {
  std::string endpoint;  // "https://s3.example.test", no path; http only to the loopback interface
  std::string bucket;
  std::string region;   // "fr-par"; many services take "us-east-1"
  std::string ca_file;  // PEM; empty: the certificates that the system trusts
  std::string access_key;
  std::string secret_key;
  std::chrono::milliseconds timeout = std::chrono::seconds(120);  // of one exchange
};

enum class S3PutOutcome { written, already_there };

/// Needs s3:GetObject, s3:PutObject and, to tell "not there" from "not allowed", s3:ListBucket. The
/// object is looked for first, then put with If-None-Match, for the services that know it. `key`:
/// letters, digits, '-', '_', '.' and '/'. TLS certificates are verified. Errors: unavailable (no
/// connection, no trust, an answer of the kind 5xx), forbidden (keys or rights), not_found (no such
/// bucket), state_conflict (another object has the key), storage_full, invalid_field.
Result<S3PutOutcome> s3_put_new(const S3Bucket& bucket, const std::string& key, ByteView bytes,
                                const std::string& media_type);

}  // namespace telavis
