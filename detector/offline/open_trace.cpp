#include <string_view>
#include <utility>

#include "detector/offline/internal/byte_input.hpp"
#include "detector/offline/recording.hpp"
#include "detector/offline/recording/reader.hpp"
#include "detector/offline/std/std_reader.hpp"
#include "detector/offline/trace_source.hpp"

namespace gobench::detector::offline {

std::unique_ptr<trace_source> open_trace(const std::string& path, symboliser ask) {
  auto input = std::make_unique<byte_input>(path);
  constexpr std::string_view magic{recording_magic.data(), recording_magic.size()};
  if (input->peek(magic.size()) == magic) {
    return std::make_unique<recording_reader>(std::move(input), std::move(ask));
  }
  return std::make_unique<std_reader>(std::move(input));
}

}  // namespace gobench::detector::offline
