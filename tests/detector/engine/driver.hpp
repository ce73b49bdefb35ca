// Drives the engine in the process of the test: tasks are fibers of the engine's that one thread switches between, so
// everything happens in a known order. What the engine reports comes here instead of to the report.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "detector/engine/engine.hpp"
#include "detector/report/raw_finding.hpp"

extern "C" {
void __tsan_read1(void* where);
void __tsan_read2(void* where);
void __tsan_read4(void* where);
void __tsan_read8(void* where);
void __tsan_write1(void* where);
void __tsan_write2(void* where);
void __tsan_write4(void* where);
void __tsan_write8(void* where);
void __tsan_func_entry(void* pc);
void __tsan_func_exit();
std::uint32_t __tsan_atomic32_load(const volatile std::uint32_t* where, int order);
void __tsan_atomic32_store(volatile std::uint32_t* where, std::uint32_t value, int order);
std::uint32_t __tsan_atomic32_fetch_add(volatile std::uint32_t* where, std::uint32_t value,
                                        int order);
int __tsan_atomic32_compare_exchange_strong(volatile std::uint32_t* where, std::uint32_t* expected,
                                            std::uint32_t value, int order, int failed);
void __tsan_atomic_thread_fence(int order);
}

namespace gobench::detector::driver {

// Findings and notes since the last call of take_...().
std::vector<raw_finding> take_findings();
std::vector<std::string> take_notes();
// Conflicts found so far, also those that are not reported since their place was looked at often enough.
std::uint64_t conflicts();

// A task that the test plays. It begins with what the caller knows, and ends with the scope.
class actor {
 public:
  actor();
  ~actor();
  actor(const actor&) = delete;
  actor& operator=(const actor&) = delete;

  // Runs `f` as this task.
  template <typename F>
  void does(F f) {
    task_state* const before = current();
    switch_to(task_);
    f();
    switch_to(before);
  }
  task_state& state() const { return *task_; }

 private:
  task_state* task_;
};

// Memory at which nothing has happened yet, aligned to 64 bytes.
char* fresh_memory(std::size_t bytes);

}  // namespace gobench::detector::driver
