// How the tasks of programs meet, as steps on a lockstep model.
#pragma once

#include "tests/detector/clocks/lockstep.hpp"

#include <cstddef>

namespace gobench::detector::testing {

enum class pattern {
  private_pairs,
  ring,
  fan_in,
  central_server,
  parked_partners,
  one_mutex,
  random_locks,
  everything,
  tree
};

inline constexpr pattern all_patterns[] = {pattern::private_pairs,
                                           pattern::ring,
                                           pattern::fan_in,
                                           pattern::central_server,
                                           pattern::parked_partners,
                                           pattern::one_mutex,
                                           pattern::random_locks,
                                           pattern::everything,
                                           pattern::tree};

// One step of anything that the clocks can do, spawning, ending and living again with the same id included.
inline void any_step(lockstep& model, random_numbers& random) {
  const std::size_t t = random.below(model.tasks());
  const std::size_t o = random.below(model.objects());
  const std::size_t other = random.below(model.tasks());
  if (!model.runs(t)) {
    if (model.runs(other) && model.may_spawn(other, t))
      model.spawn(other, t);
    else if (model.runs(other))
      model.join_with(other, t);
    return;
  }
  switch (random.below(13)) {
    case 0:
    case 1:
    case 2:
      model.acquire(t, o);
      break;
    case 3:
    case 4:
      model.release(t, o);
      break;
    case 5:
      model.release_merge(t, o);
      break;
    case 6:
    case 7:
      model.lock(t, o);
      break;
    case 8:
      model.merge(o, random.below(model.objects()));
      break;
    case 9:
      model.assign(o, random.below(model.objects()));
      break;
    case 10:
      if (random.below(8) == 0) model.clear(o);
      break;
    case 12:
      model.catch_up(t, o);
      break;
    case 11:
      if (t != 0 && random.below(4) == 0) model.end(t);
      break;
  }
}

// Tasks have begun, object i is that of task i.
inline void step(pattern what, lockstep& model, random_numbers& random, std::size_t round) {
  const std::size_t n = model.tasks();
  const std::size_t t = random.below(n);
  switch (what) {
    case pattern::private_pairs:
      model.lock(t, t / 2);
      break;
    case pattern::ring: {
      const std::size_t here = round % n;
      model.acquire(here, (here + n - 1) % n);
      model.release(here, here);
      break;
    }
    case pattern::fan_in:
      if (round % 16 == 0)
        model.acquire(0, 0);
      else
        model.release_merge(t, 0);
      break;
    case pattern::central_server:
      model.release(t, t);
      model.lock(0, t);
      model.acquire(t, t);
      break;
    case pattern::parked_partners:
      // Task 0 hands something to one that has told its past and waits; each takes over what the other knew before.
      if (t == 0) break;
      model.release(0, 0);
      model.acquire(0, t);
      model.acquire(t, 0);
      model.release(t, t);
      break;
    case pattern::one_mutex:
      model.lock(t, 0);
      break;
    case pattern::random_locks:
      model.lock(t, random.below(model.objects()));
      break;
    case pattern::everything:
      any_step(model, random);
      break;
    case pattern::tree: {
      // Each task has the task above it as its creator; ended tasks are joined and live again.
      if (t == 0) break;
      const std::size_t creator = (t - 1) / 2;
      if (!model.runs(creator)) break;
      if (model.runs(t)) {
        const bool has_children =
            (2 * t + 1 < n && model.runs(2 * t + 1)) || (2 * t + 2 < n && model.runs(2 * t + 2));
        if (has_children) break;
        model.lock(t, random.below(model.objects()));
        model.end(t);
        model.join_with(creator, t);
      } else if (model.may_spawn(creator, t)) {
        model.spawn(creator, t);
      }
      break;
    }
  }
}

inline void run_pattern(pattern what, lockstep& model, random_numbers& random, std::size_t steps) {
  model.begin(0);
  for (std::size_t t = 1; t != model.tasks(); ++t) model.spawn(random.below(t), t);
  for (std::size_t i = 0; i != steps && !::testing::Test::HasFailure(); ++i)
    step(what, model, random, i);
  model.check_all();
}

}  // namespace gobench::detector::testing
