#include "detector/clocks/clock_tree.hpp"

#include <cstring>

namespace gobench::detector {

namespace {

using node_pool::at;

node_index empty_node() noexcept {
  const node_index n = node_pool::take();
  at(n) = {};
  return n;
}

void refer_children(const clock_node& node) noexcept {
  for (const node_index child : node.word)
    if (child != 0) node_pool::refer(child);
}

void release_tree(node_index n, unsigned height) noexcept {
  if (height != 0)
    for (const node_index child : at(n).word)
      if (child != 0 && node_pool::drop(child)) release_tree(child, height - 1);
  node_pool::give(n);
}

// Takes a reference back and what hangs on it.
void drop_tree(node_index n, unsigned height) noexcept {
  if (node_pool::drop(n)) release_tree(n, height);
}

// Makes the node in `slot`, which may be 0, one that may be written. The slot is one that may be written.
clock_node& make_own(node_index& slot, unsigned height) noexcept {
  if (slot == 0) {
    slot = empty_node();
  } else if (!node_pool::is_sole(slot)) {
    const node_index copy = node_pool::take();
    at(copy) = at(slot);
    if (height != 0) refer_children(at(copy));
    drop_tree(slot, height);  // others may have let go of it meanwhile
    slot = copy;
  }
  return at(slot);
}

enum class outcome { first, second, fresh };

// The larger of each pair of values, and which of the two leaves has them already.
outcome larger(const clock_node& a, const clock_node& b, clock_node& values) noexcept {
  std::uint32_t from_a = 0;
  std::uint32_t from_b = 0;
  for (unsigned i = 0; i != 16; ++i) {
    values.word[i] = a.word[i] > b.word[i] ? a.word[i] : b.word[i];
    from_a |= values.word[i] ^ a.word[i];
    from_b |= values.word[i] ^ b.word[i];
  }
  if (from_a == 0) return outcome::first;
  return from_b == 0 ? outcome::second : outcome::fresh;
}

struct joined {
  outcome what;
  node_index node;  // of `fresh`: a new node with one reference
};

// The join of two nodes that are both not to be written. Where one side knows it all, the result is that
// very node, which keeps equal knowledge shared.
joined join_shared(node_index a, node_index b, unsigned height) noexcept {
  if (a == b || b == 0) return {outcome::first, 0};
  if (a == 0) return {outcome::second, 0};
  clock_node result;
  if (height == 0) {
    const outcome what = larger(at(a), at(b), result);
    if (what != outcome::fresh) return {what, 0};
    const node_index n = node_pool::take();
    at(n) = result;
    return {outcome::fresh, n};
  }
  std::uint32_t made = 0;  // bit i: result.word[i] is new and its reference is ours
  bool all_a = true;
  bool all_b = true;
  for (unsigned i = 0; i != 16; ++i) {
    const node_index in_a = at(a).word[i];
    const node_index in_b = at(b).word[i];
    const joined child = join_shared(in_a, in_b, height - 1);
    switch (child.what) {
      case outcome::first:
        result.word[i] = in_a;
        break;
      case outcome::second:
        result.word[i] = in_b;
        break;
      case outcome::fresh:
        result.word[i] = child.node;
        made |= 1U << i;
        break;
    }
    all_a = all_a && result.word[i] == in_a;
    all_b = all_b && result.word[i] == in_b;
  }
  if (all_a) return {outcome::first, 0};
  if (all_b) return {outcome::second, 0};
  for (unsigned i = 0; i != 16; ++i)
    if (result.word[i] != 0 && (made >> i & 1U) == 0) node_pool::refer(result.word[i]);
  const node_index n = node_pool::take();
  at(n) = result;
  return {outcome::fresh, n};
}

// Joins `b` into the node in `slot`, which is a slot that may be written; true if anything changed.
bool join_into(node_index& slot, node_index b, unsigned height) noexcept {
  const node_index a = slot;
  if (a == b || b == 0) return false;
  bool becomes_b = a == 0;
  bool changed = becomes_b;
  if (a != 0 && !node_pool::is_sole(a)) {
    const joined result = join_shared(a, b, height);
    if (result.what == outcome::first) return false;
    changed = true;
    if (result.what == outcome::fresh) {
      drop_tree(a, height);
      slot = result.node;
      return true;
    }
    becomes_b = true;
  } else if (a != 0 && height == 0) {
    clock_node values;
    const outcome what = larger(at(a), at(b), values);
    if (what == outcome::first) return false;
    changed = true;
    becomes_b = what == outcome::second;
    if (!becomes_b) at(a) = values;
  } else if (a != 0) {
    for (unsigned i = 0; i != 16; ++i)
      changed |= join_into(at(a).word[i], at(b).word[i], height - 1);
    becomes_b = std::memcmp(&at(a), &at(b), sizeof(clock_node)) == 0;
  }
  if (becomes_b) {
    node_pool::refer(b);
    if (a != 0) drop_tree(a, height);
    slot = b;
  }
  return changed;
}

}  // namespace

void clock_tree::release_node(node_index n, unsigned height) noexcept { release_tree(n, height); }

void clock_tree::grow() noexcept {
  const unsigned above = 4 * height() + 4;
  const node_index root = empty_node();
  at(root).word[first() >> above & 15U] = root_;
  root_ = root;
  span_ = (first() >> (above + 4) << (above + 4)) | (height() + 1);
}

bool clock_tree::raise(task_id id, clock_value value) noexcept {
  if (get(id) >= value) return false;
  if (root_ == 0) span_ = id & ~task_id{15};
  while (root_ != 0 && !covers(id)) grow();
  node_index* slot = &root_;
  unsigned level = height();
  clock_node* node = &make_own(*slot, level);
  for (; level != 0; --level) {
    slot = &node->word[id >> (4 * level) & 15U];
    node = &make_own(*slot, level - 1);
  }
  node->word[id & 15U] = value;
  return true;
}

bool clock_tree::take_over(const clock_tree& other, task_id id, clock_value value) noexcept {
  if (root_ == other.root_) return raise(id, value);
  if (root_ == 0 || span_ != other.span_ || other.root_ == 0 || !covers(id) ||
      !node_pool::is_sole(root_)) {
    share(other);
    raise(id, value);
    return true;
  }
  // Only the nodes on the way to `id` will be this tree's own afterwards. Clocks that meet have most of the
  // others in common already, and what is the same costs no change of a count.
  node_index own = root_;
  node_index theirs = other.root_;
  for (unsigned level = height(); level != 0; --level) {
    clock_node& to = at(own);
    const clock_node& from = at(theirs);
    const unsigned way = id >> (4 * level) & 15U;
    const node_index next = to.word[way];
    const bool goes_on =
        next != 0 && next != from.word[way] && from.word[way] != 0 && node_pool::is_sole(next);
    for (unsigned i = 0; i != 16; ++i) {
      if (to.word[i] == from.word[i] || (i == way && goes_on)) continue;
      if (from.word[i] != 0) node_pool::refer(from.word[i]);
      if (to.word[i] != 0) drop_tree(to.word[i], level - 1);
      to.word[i] = from.word[i];
    }
    if (!goes_on) {
      raise(id, value);
      return true;
    }
    own = next;
    theirs = from.word[way];
  }
  at(own) = at(theirs);
  if (at(own).word[id & 15U] < value) at(own).word[id & 15U] = value;
  return true;
}

bool clock_tree::join(const clock_tree& other) noexcept {
  if (other.root_ == 0 || root_ == other.root_) return false;
  if (root_ == 0) {
    share(other);
    return true;
  }
  while (height() < other.height() || !covers(other.first())) grow();
  node_index* slot = &root_;
  unsigned level = height();
  for (; level != other.height(); --level)
    slot = &make_own(*slot, level).word[other.first() >> (4 * level) & 15U];
  return join_into(*slot, other.root_, level);
}

}  // namespace gobench::detector
