// SPDX-License-Identifier: Apache-2.0
#include "formats/sierra_xml_xli.h"

#include <algorithm>
#include <array>

namespace telavis::sierra {
namespace {

constexpr std::size_t kHeadBytes = 8;
constexpr unsigned kCodeBits = 10;
constexpr std::uint32_t kEndCode = (1U << kCodeBits) - 1;
constexpr std::uint32_t kFirstMadeCode = 256;
constexpr std::int32_t kCorrectionBias = 64;
constexpr std::size_t kWordBytes = 2;

std::int16_t wrapped(std::int32_t value) {
  return static_cast<std::int16_t>(static_cast<std::uint16_t>(value));
}

// LZW. A made code is the place and length of its text in what was put out: the text of the code
// before it, and the byte that came next.
class Unpacker {
 public:
  // nullopt at a code that was not made, or beyond `max_bytes`.
  static std::optional<Bytes> run(ByteView codes, std::size_t max_bytes) {
    Unpacker unpacker;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const std::uint8_t byte : codes) {
      bits = (bits << 8) | byte;
      count += 8;
      if (count < kCodeBits) continue;
      count -= kCodeBits;
      const std::uint32_t code = (bits >> count) & kEndCode;
      if (code == kEndCode) break;
      if (!unpacker.take(code) || unpacker.out_.size() > max_bytes) return std::nullopt;
    }
    return std::move(unpacker.out_);
  }

 private:
  struct Text {
    std::size_t begin = 0;
    std::size_t length = 0;
  };

  bool take(std::uint32_t code) {
    const std::size_t begin = out_.size();
    // The text of the code made now is known to its last byte only once this one is put out, which
    // is in time even when it is the very code that is read.
    if (previous_.length > 0 && made_ < kEndCode) {
      texts_[made_] = {previous_.begin, previous_.length + 1};
      ++made_;
    }
    if (code < kFirstMadeCode) {
      out_.push_back(static_cast<std::uint8_t>(code));
    } else {
      if (code >= made_) return false;
      const Text text = texts_[code];
      for (std::size_t i = 0; i < text.length; ++i) out_.push_back(out_[text.begin + i]);
    }
    previous_ = {begin, out_.size() - begin};
    return true;
  }

  Bytes out_;
  std::array<Text, kEndCode> texts_{};
  std::uint32_t made_ = kFirstMadeCode;
  Text previous_;
};

std::vector<std::int32_t> samples_from(const Bytes& bytes, std::int16_t first_correction) {
  const std::size_t count = (bytes.size() + 1) / kWordBytes;
  const auto word = [&](std::size_t i) {
    const std::uint32_t low = count + i < bytes.size() ? bytes[count + i] : 0;
    return wrapped(static_cast<std::int32_t>((std::uint32_t{bytes[i]} << 8) | low));
  };
  std::vector<std::int32_t> samples(count);
  std::int32_t correction = first_correction;
  for (std::size_t i = 0; i < count; ++i) {
    if (i < 2) {
      samples[i] = word(i);
      continue;
    }
    samples[i] = wrapped(2 * samples[i - 1] - samples[i - 2] - correction);
    correction = word(i) - kCorrectionBias;
  }
  return samples;
}

}  // namespace

std::optional<std::vector<std::vector<std::int32_t>>> unpack_xli(ByteView data,
                                                                 std::size_t max_chunks,
                                                                 std::size_t max_samples) {
  std::vector<std::vector<std::int32_t>> leads;
  ByteReader reader(data);
  while (leads.size() < max_chunks && reader.remaining() >= kHeadBytes) {
    const std::uint32_t length = reader.u32le().value_or(0);
    reader.skip(2);
    const std::int16_t correction = reader.i16le().value_or(0);
    const auto codes = reader.take(length);
    if (!codes) return std::nullopt;
    const auto bytes = Unpacker::run(*codes, max_samples * kWordBytes);
    if (!bytes) return std::nullopt;
    leads.push_back(samples_from(*bytes, correction));
  }
  return leads;
}

void restore_limb_leads(const LimbLeads& leads) {
  // Each lead up to the shortest of those it is restored from.
  const auto restore = [](std::vector<std::int32_t>* stored, const std::vector<std::int32_t>* first,
                          const std::vector<std::int32_t>* second, auto predict) {
    if (stored == nullptr || first == nullptr || second == nullptr) return;
    const std::size_t count = std::min({stored->size(), first->size(), second->size()});
    stored->resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      (*stored)[i] = wrapped(predict((*first)[i], (*second)[i]) - (*stored)[i]);
    }
  };
  using Sample = std::int32_t;
  restore(leads.III, leads.I, leads.II, [](Sample i, Sample ii) { return ii - i; });
  restore(leads.aVR, leads.I, leads.II, [](Sample i, Sample ii) { return -((i + ii) / 2); });
  restore(leads.aVL, leads.I, leads.III, [](Sample i, Sample iii) { return (i - iii) / 2; });
  restore(leads.aVF, leads.II, leads.III, [](Sample ii, Sample iii) { return (ii + iii) / 2; });
}

}  // namespace telavis::sierra
