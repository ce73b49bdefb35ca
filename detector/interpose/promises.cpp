// std::promise::set_value_at_thread_exit and its kin: libstdc++ makes the result ready when the thread's keys are
// destroyed, in code that is not instrumented. What is ordered before that is published when our own key is, which is
// the first of all.
//
// What is published on is the word that a waiting std::future reads: _State_baseV2::_M_status, after the pointer to
// virtual functions and that to the result (libstdc++, bits/std_future.h, the same since GCC 5). The record that
// _M_set gets has two pointers of a list before the weak_ptr to that state.
#include <cstddef>

#include "detector/interpose/promises.hpp"
#include "detector/interpose/real.hpp"

namespace gobench::detector::interpose {

GOBENCH_REAL_TYPE(_ZNSt13__future_base13_State_baseV211_Make_ready6_M_setEv, void(void*));

namespace {

constexpr std::size_t state_in_record = 2 * sizeof(void*);
constexpr std::size_t status_in_state = 2 * sizeof(void*);

// Of more than these, the later ones give no edge.
constexpr unsigned most = 16;
__thread char* waiting[most] __attribute__((tls_model("initial-exec")));
__thread unsigned count __attribute__((tls_model("initial-exec")));

}  // namespace

void promises_of_thread_end() noexcept {
  for (unsigned i = 0; i != count; ++i) release_merge(waiting[i] + status_in_state);
  count = 0;
}

GOBENCH_INTERPOSED(void, _ZNSt13__future_base13_State_baseV211_Make_ready6_M_setEv, void* record) {
  if (!is_internal() && count != most)
    waiting[count++] = *reinterpret_cast<char**>(static_cast<char*>(record) + state_in_record);
  real__ZNSt13__future_base13_State_baseV211_Make_ready6_M_setEv(record);
}

}  // namespace gobench::detector::interpose
