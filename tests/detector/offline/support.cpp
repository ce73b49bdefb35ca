#include "tests/detector/offline/support.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <utility>

#include "detector/offline/internal/byte_input.hpp"
#include "detector/offline/std/std_reader.hpp"

using namespace gobench::detector::offline;

found_races analyse(trace_source& trace) {
  const std::unique_ptr<engine> judge = find_engine("hb")->make(trace);
  while (true) {
    const std::span<const event> batch = trace.next();
    if (batch.empty()) break;
    judge->consume(batch);
  }
  verdict found = judge->finish();
  found_races made;
  found.racy_events.each([&](std::uint64_t position) { made.racy_events.push_back(position); });
  EXPECT_EQ(made.racy_events.size(), found.racy_events.count());
  made.races = std::move(found.races);
  made.variables = found.variables;
  made.counts = trace.counts();
  made.remark = trace.remark();
  return made;
}

found_races analyse_text(std::string text) {
  std_reader trace(std::make_unique<byte_input>("t.std", std::move(text)));
  return analyse(trace);
}

std::string objection_to(std::string text) {
  try {
    analyse_text(std::move(text));
  } catch (const trace_error& refused) {
    return refused.what();
  }
  return {};
}

std::string packed(const std::string& text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string made(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(made.data());
  stream.avail_out = static_cast<uInt>(made.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  made.resize(made.size() - stream.avail_out);
  deflateEnd(&stream);
  return made;
}

scratch_file::scratch_file() : path_(testing::TempDir() + "gobench-offline-XXXXXX") {
  const int fd = mkstemp(path_.data());
  EXPECT_GE(fd, 0);
  close(fd);
}

scratch_file::scratch_file(const std::string& content) : scratch_file() { write(content); }

scratch_file::~scratch_file() { unlink(path_.c_str()); }

std::string scratch_file::read() const {
  std::ifstream file(path_, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

void scratch_file::write(const std::string& content) const {
  std::ofstream file(path_, std::ios::binary);
  file << content;
  EXPECT_TRUE(file.flush().good());
}
