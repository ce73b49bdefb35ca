// Copies of locks, and of all that tasks wait at. Claim R7: the compiler refuses the lines that say so.
#include <gobench.hpp>
#include <mutex>

template <class T>
void use(T&) {}

void copies(gobench::mutex& a, gobench::shared_mutex& b, gobench::spin_mutex& c,
            gobench::ticket_mutex& d, gobench::mcs_mutex& e, gobench::condition_variable& f,
            gobench::condition_variable_any& g, gobench::wait_group& h, gobench::once& i,
            gobench::semaphore& j, gobench::barrier& k, gobench::latch& l, gobench::event& m) {
  gobench::mutex copy_a = a;                   // refused
  gobench::shared_mutex copy_b = b;            // refused
  gobench::spin_mutex copy_c = c;              // refused
  gobench::ticket_mutex copy_d = d;            // refused
  gobench::mcs_mutex copy_e = e;               // refused
  gobench::condition_variable copy_f = f;      // refused
  gobench::condition_variable_any copy_g = g;  // refused
  gobench::wait_group copy_h = h;              // refused
  gobench::once copy_i = i;                    // refused
  gobench::semaphore copy_j = j;               // refused
  gobench::barrier copy_k = k;                 // refused
  gobench::latch copy_l = l;                   // refused
  gobench::event copy_m = m;                   // refused
  a = a;                                       // refused
  gobench::mutex& same = a;
  use(same);
}

// A channel is a handle, as in Go: a copy is the same channel.
void shares(const gobench::chan<int>& channel) {
  gobench::chan<int> same = channel;
  gobench::sender<int> end = channel;
  use(same);
  use(end);
}
