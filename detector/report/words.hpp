// The words and phrases that reports are made of.
#pragma once

#include <string>
#include <string_view>

#include "detector/report/finding.hpp"

namespace gobench::detector::reporting {

std::string_view kind_name(
    finding_type type) noexcept;  // "data-race": what gates and exporters sort by
std::string_view type_name(
    finding_type type) noexcept;  // "race on atomic and plain": the finer distinction
std::string_view operation_name(operation what) noexcept;  // "atomic write"
std::string_view location_name(location_kind kind) noexcept;
std::string_view task_kind_name(task_kind kind) noexcept;

std::string hex(address where);
std::string bytes(std::size_t count);  // "1 byte", "4 bytes"

// "write of 4 bytes", "free of the block", "unlock"
std::string phrase(const access_told& access);
// Of a wait: "M1 (shop::mutex)", "the channel at 0x1234"; and "waits to lock M1 (shop::mutex)".
std::string waited_for(const access_told& access);
std::string wait_phrase(const access_told& access);
std::string duration(std::int64_t ns);  // "12 ms", "30 s"
// "the main thread", "thread T2 "worker"", "fiber T5"
std::string phrase(const task_told& task);
// "T2", "T2 "worker"": for a line that has to be short
std::string short_phrase(const task_told& task);
std::string phrase_of_task(const finding& what, const access_told& access);

// The innermost frame in the program's own sources: not of the standard library, with a line. Else the first
// one; null if there is none.
const frame* telling_frame(const stack& frames);
// "app.cpp:12", without folders; the function or module where there is no line; empty: nothing is known.
std::string short_place(const frame* one);
// "bump(int) (app.cpp:12)"
std::string place_phrase(const frame* one);
// With folders, relative to the working directory where below it, "src/app.cpp:12:3"; empty: no line.
std::string full_place(const frame& one);
// Path relative to the working directory if it is below it.
std::string shown_path(const std::string& path);
// "bump(int)", or "app+0x1234" where no name is known.
std::string function_phrase(const frame& one);

}  // namespace gobench::detector::reporting
