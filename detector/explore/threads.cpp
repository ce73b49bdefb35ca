// The life of a controlled thread.
//
// All are joinable to the C library, also those that the program has detached: they are joined here, when they are gone, so
// that where the next stack lies does not depend on who is faster.
#include <linux/futex.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "detector/engine/engine.hpp"
#include "detector/engine/memory.hpp"
#include "detector/explore/controller.hpp"
#include "detector/interpose/real.hpp"

namespace gobench::detector::explore {

GOBENCH_REAL(pthread_join);

namespace {

constexpr std::uint32_t most_threads = clock_thread - 1;

const std::uint32_t* word_that_the_kernel_clears() noexcept {
  const std::uint32_t* word = nullptr;
  return syscall(SYS_prctl, PR_GET_TID_ADDRESS, &word, 0, 0, 0) == 0 ? word : nullptr;
}

}  // namespace

thread_record* creates(address pc) noexcept {
  if (!controls()) return nullptr;
  if (creates_service_threads) {
    const internal_mark inside;
    const locked guard(state->lock);
    ++state->services;
    return nullptr;
  }
  told_step(operation::thread_create, nullptr, pc);
  const internal_mark inside;
  if (state->last_number == most_threads)
    die("the program starts more threads than a schedule can have; explore it with fewer");
  auto* made = new thread_record;
  const locked guard(state->lock);
  made->number = ++state->last_number;
  made->pc = pc;
  state->decides->thread_created(made->number, self->number);
  return made;
}

void created(thread_record* made, pthread_t handle, bool detached) noexcept {
  if (made == nullptr) return;
  const internal_mark inside;
  const locked guard(state->lock);
  made->handle = handle;
  made->detached = detached;
  made->stage = stage::ready;
  state->live.push_back(made);  // the highest number
  state->unjoined.push_back(made);
}

void not_created(thread_record* made) noexcept {
  if (made == nullptr) return;
  const internal_mark inside;
  delete made;  // its number stays unused
}

void begins(thread_record* made) noexcept {
  if (made == nullptr) return;
  const internal_mark inside;
  self = made;
  made->kernel_number = static_cast<pid_t>(syscall(SYS_gettid));
  made->kernel_word = word_that_the_kernel_clears();
  take_baton(*made);
}

void ends(bool may_free_locks) noexcept {
  if (!on || self == nullptr) return;
  const internal_mark inside;
  thread_record& me = *self;
  // Its end is a step as any other.
  me.next = operation::thread_end;
  me.object = 0;
  state->lock.lock();
  hand_over(&me, false);
  state->lock.lock();
  me.stage = stage::ended;
  std::erase(state->live, &me);
  for (thread_record* one : state->live)
    if (one->stage == stage::waiting &&
        (one->key == key_of(&me) || (may_free_locks && one->waits_in == operation::lock)))
      make_ready(*one, wait_end::woken);
  self = nullptr;
  // The main thread's word is not where it was when the program began.
  if (me.number != 1) state->last_ended = &me;
  hand_over(nullptr, false);
}

thread_record* find(pthread_t thread) noexcept {
  if (!on) return nullptr;
  const internal_mark inside;
  const locked guard(state->lock);
  for (thread_record* one : state->unjoined)
    if (::pthread_equal(one->handle, thread) != 0) return one;
  return nullptr;
}

bool has_ended(const thread_record* thread) noexcept { return thread->stage == stage::ended; }
bool is_detached(const thread_record* thread) noexcept { return thread->detached; }
const void* key_of(const thread_record* thread) noexcept {
  // No object of the program lies that low.
  return thread == nullptr ? nullptr
                           : reinterpret_cast<const void*>(std::uintptr_t{thread->number});
}

void joined(thread_record* thread) noexcept {
  const internal_mark inside;
  if (thread->detached) real_pthread_join(thread->handle, nullptr);
  const locked guard(state->lock);
  thread->joined = true;
  std::erase(state->unjoined, thread);
}

void detached(thread_record* thread) noexcept {
  const internal_mark inside;
  thread->detached = true;
  if (has_ended(thread)) joined(thread);
}

}  // namespace gobench::detector::explore
