// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/time_limit.hpp"

#include <list>
#include <vector>

namespace persiscsi::daemon {

/// Tells a request under way that it is no longer wanted. One thread.
class cancellation {
  public:
    cancellation() = default;
    cancellation(const cancellation&) = delete;
    cancellation& operator=(const cancellation&) = delete;

    [[nodiscard]] bool asked() const { return asked_; }
    /// Stops what is being waited for; what asks later finds asked().
    void ask() {
        asked_ = true;
        for (auto* limit : std::vector(limits_.begin(), limits_.end())) limit->stop();
    }

    /// For as long as it lives, ask() stops the operation of that limit.
    class watch {
      public:
        /// `by` may be null: nobody will ask.
        watch(cancellation* by, time_limit& limit) : by_(by) {
            if (by_ != nullptr) place_ = by_->limits_.insert(by_->limits_.end(), &limit);
        }
        watch(const watch&) = delete;
        watch& operator=(const watch&) = delete;
        ~watch() {
            if (by_ != nullptr) by_->limits_.erase(place_);
        }

      private:
        cancellation* by_;
        std::list<time_limit*>::iterator place_{};
    };

  private:
    bool asked_ = false;
    std::list<time_limit*> limits_;
};

}  // namespace persiscsi::daemon
