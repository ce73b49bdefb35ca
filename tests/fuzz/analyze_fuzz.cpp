// Anything at all as a trace: it is read to its end or refused with a sentence. scripts/fuzz runs it.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "detector/offline/engine.hpp"
#include "detector/offline/internal/byte_input.hpp"
#include "detector/offline/recording.hpp"
#include "detector/offline/recording/reader.hpp"
#include "detector/offline/std/std_reader.hpp"
#include "detector/offline/trace_error.hpp"

using namespace gobench::detector::offline;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    auto input = std::make_unique<byte_input>(
        "input", std::string(reinterpret_cast<const char*>(data), size));
    constexpr std::string_view magic{recording_magic.data(), recording_magic.size()};
    std::unique_ptr<trace_source> trace;
    if (input->peek(magic.size()) == magic) {
      trace = std::make_unique<recording_reader>(std::move(input));
    } else {
      trace = std::make_unique<std_reader>(std::move(input));
    }
    const std::unique_ptr<engine> judge = find_engine("hb")->make(*trace);
    while (true) {
      const auto batch = trace->next();
      if (batch.empty()) break;
      judge->consume(batch);
    }
    judge->finish();
  } catch (const trace_error& refused) {
    if (std::string(refused.what()).empty()) __builtin_trap();
  }
  return 0;
}
