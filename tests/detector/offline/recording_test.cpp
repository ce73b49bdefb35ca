// Recordings: written, read back, cut off, damaged.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <vector>

#include "detector/offline/internal/byte_input.hpp"
#include "detector/offline/recording/reader.hpp"
#include "detector/offline/recording/writer.hpp"
#include "detector/offline/trace_error.hpp"
#include "tests/detector/offline/support.hpp"

namespace {

using namespace gobench::detector::offline;

// What `script` records.
template <class Script>
std::string recorded(Script script) {
  const scratch_file file;
  const auto writer = std::make_unique<recording_writer>();
  EXPECT_TRUE(writer->open(file.path().c_str()));
  script(*writer);
  EXPECT_TRUE(writer->close());
  return file.read();
}

std::vector<event> events_of(const std::string& content, std::string* remark = nullptr) {
  recording_reader reader(std::make_unique<byte_input>("r", content));
  std::vector<event> all;
  while (true) {
    const auto batch = reader.next();
    if (batch.empty()) break;
    all.insert(all.end(), batch.begin(), batch.end());
  }
  if (remark != nullptr) *remark = reader.remark();
  return all;
}

std::string objection(const std::string& content) {
  try {
    events_of(content);
  } catch (const trace_error& refused) {
    return refused.what();
  }
  return {};
}

constexpr std::uint64_t top = ~std::uint64_t{0};

TEST(recording, every_kind_of_event_comes_back_as_it_was_written) {
  const std::string content = recorded([](recording_writer& to) {
    to.access(record_kind::read, 1, 0x7fff'0000'1000, 8, 0x40'1000);
    to.access(record_kind::write, 1, 0x10, 4, 0x40'1004);
    to.access(record_kind::atomic_read, 2, top - 2, 3, top);
    to.access(record_kind::atomic_write, top, 0, 1'000'000, 0);
    to.sync(record_kind::acquire, 1, 0x5000, 1);
    to.sync(record_kind::release, 1, 0x6000, 2);
    to.sync(record_kind::release_merge, 2, 0x5000, 3);
    to.transfer(record_kind::transfer, 1, 0x5000, 0x6000, 4);
    to.transfer(record_kind::transfer_merge, 1, 0x6000, 0x7000, 5);
    to.sync(record_kind::forget_object, 1, 0x5000, 0);
    to.fork(1, 7, 6);
    to.join(1, 7, 7);
    to.memory_new(1, 0x1000, 100);
    to.memory_freed(1, 0x1000, 100, 9);
  });
  const std::vector<event> all = events_of(content);
  ASSERT_EQ(all.size(), 14U);
  const auto expect = [&](std::size_t i, event_kind kind, std::uint32_t task, std::uint64_t target,
                          std::uint64_t size, std::uint64_t extra) {
    EXPECT_EQ(all[i].position, i + 1);
    EXPECT_EQ(all[i].kind, kind) << i;
    EXPECT_EQ(all[i].task, task) << i;
    EXPECT_EQ(all[i].target, target) << i;
    EXPECT_EQ(all[i].size, size) << i;
    EXPECT_EQ(all[i].extra, extra) << i;
  };
  expect(0, event_kind::read, 0, 0x7fff'0000'1000, 8, 0x40'1000);
  expect(1, event_kind::write, 0, 0x10, 4, 0x40'1004);
  expect(2, event_kind::atomic_read, 1, top - 2, 3, top);
  expect(3, event_kind::atomic_write, 2, 0, 1'000'000, 0);
  expect(4, event_kind::acquire, 0, 0, 0, 0);
  expect(5, event_kind::release, 0, 1, 0, 0);
  expect(6, event_kind::release_merge, 1, 0, 0, 0);
  expect(7, event_kind::transfer, 0, 0, 0, 1);
  expect(8, event_kind::transfer_merge, 0, 1, 0, 2);
  expect(9, event_kind::forget_object, 0, 0, 0, 0);
  expect(10, event_kind::fork, 0, 3, 0, 0);
  expect(11, event_kind::join, 0, 3, 0, 0);
  expect(12, event_kind::memory_new, 0, 0x1000, 100, 0);
  expect(13, event_kind::memory_freed, 0, 0x1000, 100, 9);
}

TEST(recording, names_and_modules_are_told_in_reports) {
  const unsigned char build_id[] = {1, 2, 3};
  const std::string content = recorded([&](recording_writer& to) {
    to.module(0x400000, 0x1000, "/usr/bin/app", build_id, sizeof build_id);
    to.task_name(1, "main");
    to.fork(1, 2, 0x400001);
    to.access(record_kind::write, 1, 0x1000, 4, 0x400010);
    to.task_name(2, "worker");
    to.access(record_kind::read, 2, 0x1002, 8, 0x400fff);
    to.access(record_kind::read, 3, 0x1000, 1, 0x401000);
  });
  recording_reader reader(std::make_unique<byte_input>("r", content));
  const found_races found = analyse(reader);
  EXPECT_EQ(found.racy_events, (std::vector<std::uint64_t>{3, 4}));
  ASSERT_EQ(found.races.size(), 2U);
  EXPECT_EQ(found.races[0].variable, "0x1002");
  EXPECT_EQ(found.races[0].later.task, "T2 (worker)");
  EXPECT_EQ(found.races[0].later.location, "/usr/bin/app+0xfff");
  EXPECT_EQ(found.races[0].earlier.task, "T1 (main)");
  EXPECT_EQ(found.races[0].earlier.location, "/usr/bin/app+0x10");
  EXPECT_EQ(found.races[1].variable, "0x1000");
  EXPECT_EQ(found.races[1].later.task, "T3");
  EXPECT_EQ(found.races[1].later.location, "0x401000");
  EXPECT_EQ(found.counts.threads, 3U);
}

TEST(recording, a_symboliser_names_locations_where_it_can) {
  const std::string content = recorded([&](recording_writer& to) {
    to.module(0x400000, 0x1000, "app", nullptr, 0);
    to.access(record_kind::write, 1, 0x1000, 4, 0x400010);
    to.access(record_kind::write, 2, 0x1000, 4, 0x400020);
  });
  recording_reader reader(std::make_unique<byte_input>("r", content),
                          [](const module_info& of, std::uint64_t offset) {
                            return offset == 0x10 ? of.path + ".cpp:16" : std::string();
                          });
  const found_races found = analyse(reader);
  ASSERT_EQ(found.races.size(), 1U);
  EXPECT_EQ(found.races[0].earlier.location, "app.cpp:16");
  EXPECT_EQ(found.races[0].later.location, "app+0x20");
}

TEST(recording, a_module_takes_the_place_of_what_was_loaded_there_before) {
  module_map modules;
  modules.add({0x1000, 0x1000, "a", {}});
  modules.add({0x3000, 0x1000, "b", {}});
  modules.add({0x1800, 0x2000, "c", {}});
  EXPECT_EQ(modules.text(0, {}), "");
  EXPECT_EQ(modules.text(0x1000, {}), "0x1000");
  EXPECT_EQ(modules.text(0x1800, {}), "c+0x0");
  EXPECT_EQ(modules.text(0x37ff, {}), "c+0x1fff");
  EXPECT_EQ(modules.text(0x3800, {}), "0x3800");
}

std::string many_events(int count) {
  return recorded([&](recording_writer& to) {
    for (int i = 0; i < count; ++i) {
      const auto number = static_cast<std::uint64_t>(i);
      to.access(record_kind::write, number % 3, number * 0x123'4567'89ab, number % 40 + 1,
                number * 77);
    }
  });
}

TEST(recording, more_than_a_buffer_of_events_comes_back) {
  const int count = 200'000;
  const std::string content = many_events(count);
  EXPECT_GT(content.size(), 1'000'000U);
  const std::vector<event> all = events_of(content);
  ASSERT_EQ(all.size(), static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < all.size(); ++i) {
    ASSERT_EQ(all[i].target, i * 0x123'4567'89ab);
    ASSERT_EQ(all[i].size, i % 40 + 1);
    ASSERT_EQ(all[i].extra, i * 77);
  }
  // Packed as well.
  EXPECT_EQ(events_of(packed(content)).size(), all.size());
}

TEST(recording, what_is_cut_off_is_good_up_to_the_last_whole_event) {
  const std::string content = many_events(50);
  std::size_t events = 0;
  for (std::size_t size = recording_header_size; size < content.size(); ++size) {
    std::string remark;
    const std::string part = content.substr(0, size);
    std::vector<event> all;
    try {
      all = events_of(part, &remark);
    } catch (const trace_error& refused) {
      EXPECT_EQ(events, 0U);
      EXPECT_EQ(std::string(refused.what()),
                "r is cut off before its first event; record it again.");
      continue;
    }
    EXPECT_GE(all.size(), events);
    EXPECT_LE(all.size(), events + 1);
    events = all.size();
    EXPECT_EQ(all.back().extra, (events - 1) * 77);
    EXPECT_NE(remark.find("the " + std::to_string(events) + " events before are what was analysed"),
              std::string::npos)
        << remark;
  }
  EXPECT_EQ(events, 50U);
  std::string remark;
  EXPECT_EQ(events_of(content, &remark).size(), 50U);
  EXPECT_EQ(remark, "");
}

TEST(recording, what_is_none_is_refused_with_the_byte) {
  const std::string content =
      recorded([](recording_writer& to) { to.access(record_kind::write, 0, 0x1000, 4, 0x400010); });
  const std::string header = content.substr(0, recording_header_size);
  EXPECT_EQ(objection(content), "");
  EXPECT_EQ(objection(content.substr(0, 12)),
            "r is cut off before its first event; record it again.");
  std::string other = content;
  other[8] = 9;
  EXPECT_EQ(objection(other),
            "r is a recording of version 9, and this gobench reads version 1; record it again.");
  EXPECT_EQ(
      objection(header + "\x1f"),
      "r: byte 16: expected the start of a record, found a byte of value 31; record it again.");
  EXPECT_EQ(
      objection(header + "\x28"),  // a size that acquire has not
      "r: byte 16: expected the start of a record, found a byte of value 40; record it again.");
  EXPECT_EQ(
      objection(header + "\x05" + std::string(12, '\xff')),
      "r: byte 16: expected a number or text that is not longer than one can be; record it again.");
  EXPECT_EQ(
      objection(header + std::string("\x10\x02\x00", 3)),
      "r: byte 16: expected a range of memory, found one that has no byte or goes beyond the last "
      "address; record it again.");
  EXPECT_EQ(objection(header + std::string("\x0f\x07\x00", 3)),
            "r: byte 19: expected task 0 to join a task that was forked, not 7; record it again.");
}

TEST(recording_writer, says_what_failed_and_drops_the_rest) {
  const auto writer = std::make_unique<recording_writer>();
  EXPECT_FALSE(writer->open("/missing/file"));
  EXPECT_EQ(writer->error(), ENOENT);
  writer->access(record_kind::write, 1, 1, 1, 1);  // nothing happens
  const int full = ::open("/dev/full", O_WRONLY);
  ASSERT_GE(full, 0);
  EXPECT_FALSE(writer->open(full));
  EXPECT_EQ(writer->error(), ENOSPC);
  for (int i = 0; i < 100'000; ++i) writer->access(record_kind::write, 1, top, 1, 1);
  EXPECT_FALSE(writer->close());
  EXPECT_EQ(writer->error(), ENOSPC);
}

TEST(recording_writer, cuts_names_that_are_too_long) {
  const std::string name(100'000, 'n');
  const std::string content = recorded([&](recording_writer& to) {
    to.module(0, 0x1000, name.c_str(), reinterpret_cast<const unsigned char*>(name.data()),
              name.size());
    to.task_name(1, name.c_str());
    to.access(record_kind::write, 1, 0x1000, 4, 0x10);
  });
  EXPECT_EQ(events_of(content).size(), 1U);
}

}  // namespace
