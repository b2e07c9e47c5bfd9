// SPDX-License-Identifier: Apache-2.0
#include "engine/confined.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>

#include "fixtures/synthetic_ecg.h"
#include "formats/dicom.h"
#include "formats/scp_ecg.h"
#include "tests/e2e/binary.h"

namespace telavis::test::confined_test {

constexpr ConfinedLimits kSmall = {1, std::uint64_t{64} << 20, std::uint64_t{1} << 20};

TEST(Confined, GivesWhatTheWorkGives) {
  const auto good = run_confined([]() -> Result<Bytes> { return Bytes{1, 0, 255}; });
  ASSERT_TRUE(good);
  EXPECT_EQ(*good, (Bytes{1, 0, 255}));
  const auto refused = run_confined(
      []() -> Result<Bytes> { return fail(ErrorCode::truncated_file, "Send it again."); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::truncated_file);
  EXPECT_EQ(refused.error().text, "Send it again.");
}

TEST(Confined, TurnsTheDeathOfADecoderIntoARefusal) {
  for (const int signal : {SIGSEGV, SIGABRT, SIGFPE, SIGBUS}) {
    const auto died = run_confined([signal]() -> Result<Bytes> {
      static_cast<void>(raise(signal));
      return Bytes{};
    });
    ASSERT_FALSE(died) << signal;
    EXPECT_EQ(died.error().code, ErrorCode::malformed_file);
  }
  const auto ended = run_confined([]() -> Result<Bytes> { std::_Exit(7); });
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, ErrorCode::malformed_file);
}

TEST(Confined, EndsWorkThatTakesTooLong) {
  const auto endless = run_confined(
      []() -> Result<Bytes> {
        for (std::atomic<std::uint64_t> turns = 0;; ++turns) {
        }
      },
      kSmall);
  ASSERT_FALSE(endless);
  EXPECT_EQ(endless.error().code, ErrorCode::limit_exceeded);
}

TEST(Confined, EndsWorkThatTakesTooMuchMemory) {
  const auto greedy =
      run_confined([]() -> Result<Bytes> { return Bytes(std::size_t{200} << 20, 1); }, kSmall);
  ASSERT_FALSE(greedy);
  EXPECT_EQ(greedy.error().code, ErrorCode::limit_exceeded);
}

TEST(Confined, NormalisesInAnotherProcess) {
  auto recording = fixtures::synthetic_ecg(fixtures::demo_ecg_parameters());
  const auto file = write_dicom_ecg(recording, {"2.25.1", "2.25.2", "2.25.3", {}, {}});
  ASSERT_TRUE(file) << file.error().text;
  Decoders decoders(TELAVIS_BINARY);
  const auto here = normalise_exam(*file);
  const auto there = decoders.normalise(*file);
  ASSERT_TRUE(here) << here.error().text;
  ASSERT_TRUE(there) << there.error().text;
  const auto& ours = std::get<EcgRecording>(here->exam);
  const auto& theirs = std::get<EcgRecording>(there->exam);
  ASSERT_EQ(ours.leads.size(), theirs.leads.size());
  for (std::size_t i = 0; i < ours.leads.size(); ++i) {
    EXPECT_EQ(ours.leads[i].samples, theirs.leads[i].samples);
  }
  EXPECT_EQ(ours.patient.family_name, theirs.patient.family_name);

  Bytes cut(file->begin(), file->begin() + static_cast<long>(file->size() / 2));
  const auto refused = decoders.normalise(cut);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, normalise_exam(cut).error().code);
}

TEST(Confined, StartsAHelperInPlaceOfOneThatWasEnded) {
  Decoders decoders(TELAVIS_BINARY);
  const auto file = encode_scp_ecg(fixtures::synthetic_ecg(fixtures::demo_ecg_parameters()));
  ASSERT_TRUE(file);
  ASSERT_TRUE(decoders.normalise(*file));
  const std::string self = std::to_string(::getpid());
  const Ran ended = run_command("pkill -KILL -x -P " + self + " telavis");
  ASSERT_EQ(ended.status, 0) << ended.output;
  const auto again = decoders.normalise(*file);
  EXPECT_TRUE(again) << again.error().text;
}

TEST(Confined, SaysThatNoProcessCouldBeStarted) {
  const auto none = Decoders("/nowhere/telavis").normalise(Bytes{1, 2, 3});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::unavailable);
}

}  // namespace telavis::test::confined_test
