// What one run under the detector has found so far, judged by the baseline.
//
//   collection found(known, today());
//   found.take(line);                    // each line that a checked program writes
//   write(render(found.entries(), ...));
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "detector/findings/baseline.hpp"
#include "detector/findings/finding.hpp"

namespace gobench::detector::findings {

// fresh: not in the baseline. expired: in it, but no longer accepted. Both fail a gate; known and
// suppressed ones do not.
enum class standing { fresh, expired, known, suppressed };

// "new", "expired", "known", "suppressed"
std::string_view to_string(standing how);

struct entry {
  finding what;
  standing how = standing::fresh;
  accepted_finding accepted;  // of the baseline, for known and expired ones
  std::size_t count = 1;      // how often it was told: processes of one run find the same things
};

struct tally {
  std::size_t fresh = 0;
  std::size_t expired = 0;
  std::size_t known = 0;
  std::size_t suppressed = 0;

  std::size_t failing() const { return fresh + expired; }
  std::size_t all() const { return fresh + expired + known + suppressed; }
  bool operator==(const tally&) const = default;
};

class collection {
 public:
  // At most `most` findings are kept; further ones are counted.
  explicit collection(baseline known = {}, std::string today = {},
                      std::size_t most = static_cast<std::size_t>(-1));

  // One line as a checked program wrote it. Returns whether it changed what is to be told; a line that
  // is none of ours is counted as unreadable.
  bool take(std::string_view line);

  // The same of a finding that was made here, and not by a program.
  void take_finding(finding one);

  // What leads to the finding, which is among the entries; a shorter way may be known later.
  void set_reproduce(std::string_view fingerprint, const std::string& command);

  // In the order in which they came.
  const std::vector<entry>& entries() const { return entries_; }
  const tally& counts() const { return counts_; }
  // Findings that are counted but not among the entries.
  std::size_t left_out() const { return counts_.all() - entries_.size(); }

  // Remarks of the detector, such as "precision reduced ...", each once.
  const std::vector<std::string>& notes() const { return notes_; }
  const std::set<std::string>& unused_suppressions() const { return unused_suppressions_; }
  std::size_t unreadable() const { return unreadable_; }

  // Processes in which the detector has started, by their id, and whether they have said their end.
  const std::map<long, bool>& processes() const { return processes_; }

  // The baseline with every finding of this run that is not suppressed noted in it.
  const baseline& known() const { return known_; }
  baseline updated() const;

 private:
  bool take_event(const json& line);
  bool repeat(const json& one);

  baseline known_;
  std::string today_;
  std::size_t most_;
  std::vector<entry> entries_;
  std::map<std::string, std::size_t, std::less<>> index_;  // fingerprint -> entry
  // Of those left out; their fingerprints stay, so that each is counted once.
  std::map<std::string, finding, std::less<>> beyond_;
  tally counts_;
  std::vector<std::string> notes_;
  std::set<std::string> unused_suppressions_;
  std::set<std::string> used_suppressions_;
  std::size_t unreadable_ = 0;
  std::map<long, bool> processes_;
};

}  // namespace gobench::detector::findings
