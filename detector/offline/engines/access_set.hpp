// The accesses of one kind to one variable that a later access must still be compared with.
//
// Model: a vector clock that says of each slot when it last accessed. As long as each access knew all
// earlier ones, the last epoch alone says the same (FastTrack, Flanagan and Freund 2009), and that is what is
// kept; the vector comes with the first access that did not. FastTrack itself stops at the first race of a
// variable. Here an access that races is added like any other, so that what follows is still judged exactly.
//
// Beside the epoch stands where the access was, for the report: per slot in the vector as long as that
// is wanted (until the variable's first race has been told).
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "detector/offline/engines/vector_clock.hpp"

namespace gobench::detector::offline {

struct access_place {
  std::uint64_t position = 0;
  std::uint32_t location = 0;
  std::uint32_t task = 0;
};

class access_set {
 public:
  bool empty() const { return last_ == none; }
  bool is_spread() const { return last_ == many; }
  // Nothing but this epoch.
  bool is_only(epoch e) const { return last_ == e; }

  bool known_to(const vector_clock& clock) const {
    if (last_ != many) return clock.knows(last_);
    return many_->clocks.within(clock);
  }

  void clear() {
    last_ = none;
    if (many_) {
      many_->clocks.clear();
      many_->places.clear();
    }
  }

  // In place of all that is there, which `e` knows.
  void replace(epoch e, const access_place& place) {
    clear();
    last_ = e;
    place_ = place;
  }

  // Beside what is there.
  void add(epoch e, const access_place& place, bool with_places) {
    if (last_ != many) spread(with_places);
    many_->clocks.set(slot_of(e), clock_of(e));
    if (!with_places) return;
    if (slot_of(e) >= many_->places.size()) many_->places.resize(slot_of(e) + std::size_t{1});
    many_->places[slot_of(e)] = place;
  }

  // The latest access that `clock` does not know; null when it knows all. Needs the places.
  const access_place* latest_unknown_to(const vector_clock& clock) const {
    if (last_ != many) return clock.knows(last_) ? nullptr : &place_;
    const access_place* latest = nullptr;
    for (slot_index slot = 0; slot < many_->places.size(); ++slot) {
      const access_place& place = many_->places[slot];
      if (many_->clocks[slot] > clock[slot] &&
          (latest == nullptr || place.position > latest->position)) {
        latest = &place;
      }
    }
    return latest;
  }

  access_set() = default;
  access_set(access_set&&) = default;
  access_set& operator=(access_set&&) = default;
  access_set(const access_set& other)
      : last_(other.last_),
        place_(other.place_),
        many_(other.many_ ? std::make_unique<spread_out>(*other.many_) : nullptr) {}
  access_set& operator=(const access_set&) = delete;
  ~access_set() = default;

 private:
  static constexpr epoch none = 0;
  static constexpr epoch many = ~epoch{0};

  struct spread_out {
    vector_clock clocks;
    std::vector<access_place> places;
  };

  void spread(bool with_places);

  epoch last_ = none;
  access_place place_;
  std::unique_ptr<spread_out> many_;  // kept for the next time when it is not in use
};

inline void access_set::spread(bool with_places) {
  if (!many_) many_ = std::make_unique<spread_out>();
  const epoch before = last_;
  last_ = many;
  if (before != none) add(before, place_, with_places);
}

}  // namespace gobench::detector::offline
