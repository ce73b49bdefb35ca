#include "primitives/internal/channel_core.hpp"

#include <limits>
#include <new>
#include <stdexcept>
#include <string>

namespace gobench::inline GOBENCH_FLAVOUR::primitives {

// ---- making and ending ----

std::size_t channel_core::block_alignment(std::size_t alignment) noexcept {
  return alignment > alignof(channel_core) ? alignment : alignof(channel_core);
}

std::size_t channel_core::buffer_offset(std::size_t alignment) noexcept {
  return (sizeof(channel_core) + alignment - 1) / alignment * alignment;
}

channel_core::channel_core(std::size_t capacity, const payload_operations& payload,
                           std::size_t stride) noexcept
    : element_size_(payload.size),
      status_(capacity != 0 ? send_ready : 0),
      limit_(capacity != unbounded ? capacity : 0),
      capacity_(capacity),
      stride_(stride),
      move_(payload.move),
      relocate_(payload.relocate),
      destroy_(payload.destroy),
      alignment_(payload.alignment),
      segments_(stride, payload.alignment) {
  if (capacity != 0 && capacity != unbounded)
    buffer_ = reinterpret_cast<std::byte*>(this) + buffer_offset(payload.alignment);
  channel_hooks::made(this, capacity);
}

// Two bytes at least, so that a cell has two addresses (channel_hooks.hpp).
std::size_t channel_core::stride_of(const payload_operations& payload) noexcept {
  return payload.size > 1 ? payload.size : 2;
}

channel_core* channel_core::make_bounded(std::size_t capacity, const payload_operations& payload) {
  GOBENCH_INTERNAL_SCOPE();
  constexpr std::size_t most = std::numeric_limits<std::ptrdiff_t>::max();
  const std::size_t stride = stride_of(payload);
  if (capacity > (most - buffer_offset(payload.alignment)) / stride)
    throw std::length_error("a channel of capacity " + std::to_string(capacity) +
                            " does not fit into memory: make it smaller or unbounded");
  return make(capacity, capacity * stride, payload);
}

channel_core* channel_core::make_unbounded(const payload_operations& payload) {
  GOBENCH_INTERNAL_SCOPE();
  return make(unbounded, 0, payload);
}

// The core and its buffer are one block.
channel_core* channel_core::make(std::size_t capacity, std::size_t buffered,
                                 const payload_operations& payload) {
  void* block = ::operator new(buffer_offset(payload.alignment) + buffered,
                               static_cast<std::align_val_t>(block_alignment(payload.alignment)));
  return ::new (block) channel_core(capacity, payload, stride_of(payload));
}

void channel_core::retain() noexcept {
  // Relaxed: whoever copies a handle holds one.
  references_.fetch_add(1, std::memory_order_relaxed);
}

void channel_core::release() noexcept {
  GOBENCH_INTERNAL_SCOPE();
  // Acquire and release: what all others did with the channel comes before its end.
  if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy();
}

// Nobody has a handle. Whoever still waits, through a reference to one that went with the main task's frame,
// is told by the end of the queues.
void channel_core::destroy() noexcept {
  if (destroy_ != nullptr) {
    const bool bounded = !is_unbounded();
    for (std::size_t left = size(); left != 0; --left) {
      void* oldest = bounded ? cell(head_) : segments_.front();
      channel_hooks::destroyed_in(oldest);
      destroy_(oldest);
      if (bounded) {
        head_ = after(head_);
      } else {
        segments_.give_back(segments_.pop());
      }
    }
  }
  const auto alignment = static_cast<std::align_val_t>(block_alignment(alignment_));
  this->~channel_core();
  ::operator delete(static_cast<void*>(this), alignment);
}

// ---- one step, under the lock ----

void channel_core::publish() noexcept {
  const std::uint64_t old = status(std::memory_order_relaxed);
  std::uint64_t bits = old & closed_bit;
  if (bits != 0) {
    bits |= receive_ready | send_ready;
  } else {
    if (size() != 0 || !senders_.empty()) bits |= receive_ready;
    if (size() < capacity_ || !receivers_.empty()) bits |= send_ready;
  }
  constexpr std::uint64_t all = version_step - 1;
  // Relaxed: nobody concludes from it that something was handed over, only that nothing was.
  if ((old & all) != bits)
    status_.store(((old & ~all) + version_step) | bits, std::memory_order_relaxed);
}

// A cell at the tail. Precondition: there is room, or the cell at the head was just emptied.
void* channel_core::open_cell() noexcept {
  if (is_unbounded()) return segments_.push();
  void* opened = cell(tail_);
  tail_ = after(tail_);
  return opened;
}

inline void channel_core::store_in_ring(void* from) noexcept {
  void* to = cell(tail_);
  tail_ = after(tail_);
  channel_hooks::before_storing(to, bytes_only());
  move_element(to, from);
  hooks_.stored(this, to, true, bytes_only());
}

inline void channel_core::take_from_ring(void* to) noexcept {
  void* from = cell(head_);
  channel_hooks::before_taking(from);
  relocate_element(to, from);
  hooks_.taken(this, from);
  head_ = after(head_);
}

void channel_core::store(void* from) noexcept {
  void* to = open_cell();
  channel_hooks::before_storing(to, bytes_only());
  move_element(to, from);
  hooks_.stored(this, to, !is_unbounded(), bytes_only());
}

// Takes the value at the head. Returns memory to be given back.
channel_segments::segment* channel_core::take(void* to) noexcept {
  if (is_unbounded()) {
    void* from = segments_.front();
    channel_hooks::before_taking(from);
    relocate_element(to, from);
    hooks_.taken(this, from);
    return segments_.pop();
  }
  void* from = cell(head_);
  channel_hooks::before_taking(from);
  relocate_element(to, from);
  hooks_.taken(this, from);
  head_ = after(head_);
  return nullptr;
}

channel_core::match channel_core::send_step(void* from) noexcept {
  match m;
  if (is_closed()) {
    channel_hooks::sends_in_vain(this);
    m.result = channel_result::closed;
    return m;
  }
  if (!receivers_.empty()) {
    if (channel_node* receiver = receivers_.claim_first()) {
      // A receiver waits only while nothing is stored, so this value is the next one.
      if (capacity_ == 0) {
        hooks_.sent_to(this, *receiver);
      } else {
        hooks_.sent_through(this, is_unbounded() ? nullptr : cell(tail_), *receiver);
        if constexpr (channel_hooks::listening) head_ = tail_ = after(tail_);
      }
      m.result = channel_result::done;
      m.direct = true;
      m.partner = receiver;
      return m;
    }
  }
  const std::size_t stored = size();
  if (stored < capacity_) {
    store(from);
    size_.store(stored + 1, std::memory_order_relaxed);
    m.result = channel_result::done;
  }
  return m;
}

void channel_core::finish_send(const match& m, void* from) noexcept {
  if (m.partner == nullptr) return;
  channel_hooks::before_moving(*m.partner, bytes_only());
  move_element(m.partner->element, from);
  channel_hooks::moved(*m.partner, bytes_only());
  deliver(*m.partner, true);
}

channel_core::match channel_core::recv_step(void* to) noexcept {
  match m;
  const std::size_t stored = size();
  if (stored != 0) {
    m.result = channel_result::done;
    void* emptied = is_unbounded() ? nullptr : cell(head_);
    m.drained = take(to);
    if (!senders_.empty()) {
      // A sender waits only while the buffer is full: its value goes to the tail, which is the cell that
      // was just emptied.
      if (channel_node* sender = senders_.claim_first()) {
        channel_hooks::before_moving(*sender, bytes_only());
        move_element(open_cell(), sender->element);
        hooks_.refilled(this, emptied, *sender, bytes_only());
        m.partner = sender;
        return m;
      }
    }
    size_.store(stored - 1, std::memory_order_relaxed);
    return m;
  }
  if (!senders_.empty()) {
    if (channel_node* sender = senders_.claim_first()) {
      hooks_.received_from(this, *sender);
      m.result = channel_result::done;
      m.direct = true;
      m.partner = sender;
      return m;
    }
  }
  if (is_closed()) {
    channel_hooks::saw_closed(this);
    m.result = channel_result::closed;
  }
  return m;
}

void channel_core::finish_recv(const match& m, void* to) noexcept {
  if (m.partner != nullptr) {
    if (m.direct) {
      channel_hooks::before_moving(*m.partner, bytes_only());
      move_element(to, m.partner->element);
      channel_hooks::moved(*m.partner, bytes_only());
    }
    deliver(*m.partner, true);
  }
  segments_.give_back(m.drained);
}

// ---- sending and receiving ----

// The way through a buffer that is neither full nor waited on comes first: everything else costs more anyway. It
// does what send_step() would (15 ns instead of 19 for an item through a buffer of 128, both sides).
channel_result channel_core::send_now(void* from) {
  lock_.lock();
  const std::size_t stored = size();
  if (stored < limit_ && receivers_.empty()) [[likely]] {
    store_in_ring(from);
    size_.store(stored + 1, std::memory_order_relaxed);
    if (stored == 0 || stored + 1 == limit_) publish();
    lock_.unlock();
    return channel_result::done;
  }
  return send_locked(from);
}

channel_result channel_core::send_locked(void* from) {
  if (is_unbounded()) return send_unbounded(from);
  const match m = send_step(from);
  unlock();
  finish_send(m, from);
  return m.result;
}

// Memory is taken before the lock, or between two holds of it.
channel_result channel_core::send_unbounded(void* from) {
  channel_segments::segment* fresh = nullptr;
  while (!segments_.has_room() && !segments_.grow_from_spare()) {
    if (fresh != nullptr) {
      segments_.grow(*fresh);
      fresh = nullptr;
    } else {
      unlock();
      fresh = segments_.allocate();
      lock();
    }
  }
  const match m = send_step(from);
  unlock();
  finish_send(m, from);
  segments_.give_back(fresh);
  return m.result;
}

channel_result channel_core::recv_now(void* to) noexcept {
  lock_.lock();
  const std::size_t stored = size();
  if (stored != 0 && buffer_ != nullptr && senders_.empty()) [[likely]] {
    take_from_ring(to);
    size_.store(stored - 1, std::memory_order_relaxed);
    if (stored == 1 || stored == capacity_) publish();
    lock_.unlock();
    return channel_result::done;
  }
  return recv_locked(to);
}

channel_result channel_core::recv_locked(void* to) noexcept {
  const match m = recv_step(to);
  unlock();
  finish_recv(m, to);
  return m.result;
}

channel_result channel_core::try_send(void* from) {
  GOBENCH_OPERATION(send, this);
  return might_send() ? send_now(from) : channel_result::not_ready;
}

channel_result channel_core::try_recv(void* to) {
  GOBENCH_OPERATION(receive, this);
  return might_recv() ? recv_now(to) : channel_result::not_ready;
}

// The look at the status only saves the lock where the caller would have to take it twice.
channel_result channel_core::send(void* from) {
  GOBENCH_OPERATION(send, this);
  if ((status(std::memory_order_relaxed) & send_ready) != 0) {
    const channel_result result = send_now(from);
    if (result != channel_result::not_ready) return result;
  }
  return park_send(from, runtime::no_deadline);
}

channel_result channel_core::recv(void* to) {
  GOBENCH_OPERATION(receive, this);
  if ((status(std::memory_order_relaxed) & receive_ready) != 0) {
    const channel_result result = recv_now(to);
    if (result != channel_result::not_ready) return result;
  }
  return park_recv(to, runtime::no_deadline);
}

channel_result channel_core::send_for(void* from, std::chrono::nanoseconds d) {
  GOBENCH_OPERATION(send, this);
  const channel_result result = try_send(from);
  if (result != channel_result::not_ready || d <= d.zero()) return result;
  return park_send(from, channel_deadline(d));
}

channel_result channel_core::recv_for(void* to, std::chrono::nanoseconds d) {
  GOBENCH_OPERATION(receive, this);
  const channel_result result = try_recv(to);
  if (result != channel_result::not_ready || d <= d.zero()) return result;
  return park_recv(to, channel_deadline(d));
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::primitives
