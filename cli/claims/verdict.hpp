// From what was measured to what is said about a claim.
//
// A figure is the median over the repetitions of the quotient of both sides, each taken in the same round and so
// one shortly after the other: what drifts in the machine meets both. Its interval comes from order statistics
// (results::median_interval), which asks nothing of the distribution. While other programs have a share s of the CPUs,
// work may take up to 1 / (1 - s) times as long, on either side: the interval is widened by that. Beyond
// `busiest`, figures about waking up cannot be told at all.
//
// A claim holds where all of its figures and trials do, and does not hold where one of them does not. A figure holds
// where the whole interval is on its side of the threshold; where the threshold lies within, it cannot be told. Of a
// claim that something can happen, one figure that holds is enough, and it does not hold where none does.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/claims/claim.hpp"
#include "cli/claims/evidence.hpp"
#include "results/statistics.hpp"

namespace gobench::cli::claims {

enum class verdict { holds, does_not_hold, cannot_tell };

std::string_view to_string(verdict said);

inline constexpr double confidence = 0.95;
inline constexpr std::size_t fewest_samples = 6;  // no interval of fewer covers 95 %
inline constexpr double busiest = 0.25;

struct judged_figure {
  const figure* what = nullptr;
  std::size_t samples = 0;
  double value = results::not_measured;  // in its unit
  results::interval range = {results::not_measured, results::not_measured, 0};
  verdict said = verdict::cannot_tell;
  std::string why = {};  // it cannot be told: a sentence
};

struct judged_trial {
  const trial* what = nullptr;
  tried seen = {};
  verdict said = verdict::cannot_tell;
  std::string why = {};  // it did not go as expected, or could not be tried: a sentence
};

struct judged_claim {
  const claim* what = nullptr;
  std::vector<judged_figure> figures = {};
  std::vector<judged_trial> trials = {};
  verdict said = verdict::cannot_tell;
  std::string why = {};  // of the part that decides

  // The figure to be shown: the first that the verdict rests on, else the first of all. Null where a
  // trial decides, or there is none.
  const judged_figure* shown() const;
  // Trials that went as expected every time, and all.
  std::size_t trials_as_expected() const;
};

judged_figure judge(const figure& one, const evidence& from);
judged_trial judge(const trial& one, const evidence& from);
judged_claim judge(const claim& one, const evidence& from);

}  // namespace gobench::cli::claims
