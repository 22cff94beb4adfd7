// SPDX-License-Identifier: Apache-2.0
// Requests that run in the background. They are not durable: they end with the daemon.
#pragma once

#include "daemon/cancellation.hpp"
#include "persistence/records.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace persiscsi::daemon {

enum class job_state { running, done, failed, cancelled };
[[nodiscard]] std::string_view to_string(job_state state);

/// Who asked for what.
struct job_order {
    std::string request;             // "POST /v1/sessions"
    ::uid_t uid = 0;                 // of the client
    std::vector<std::string> flags;  // members of its body that are true: they decide what its results mean
};

struct job {
    std::string id;
    job_order order;
    persistence::timestamp started_at{};
    std::optional<persistence::timestamp> ended_at;
    job_state state = job_state::running;
    cancellation cancel;
    unsigned status = 0;        // as of HTTP, once it has ended
    boost::json::value answer;  // what the request would have been answered, then
};
using kept_job = std::shared_ptr<job>;

struct job_limits {
    std::size_t running = 64;    // one more is refused
    std::size_t finished = 256;  // kept; the one that began first is dropped for one more
};

/// The jobs of this daemon's life, in the order they began. One thread.
class job_store {
  public:
    explicit job_store(job_limits limits = {}) : limits_(limits) {}

    /// api_failure busy where too many run.
    kept_job begin(job_order order, persistence::timestamp now);
    /// Its state comes from the answer: failed where it is an error, cancelled where it says so of itself or of an
    /// item.
    void end(job& ended, unsigned status, boost::json::value answer, persistence::timestamp now);

    /// Asks all that run to end early.
    void cancel_all();

    /// The id is taken literally; nullptr where there is none, or none any more.
    [[nodiscard]] kept_job find(std::string_view id) const;
    [[nodiscard]] const std::list<kept_job>& all() const { return jobs_; }
    [[nodiscard]] std::size_t running() const;

  private:
    void drop_oldest();

    job_limits limits_;
    std::uint64_t last_number_ = 0;
    std::list<kept_job> jobs_;
};

/// All but its answer.
[[nodiscard]] boost::json::object job_summary_json(const job& one);
[[nodiscard]] boost::json::object job_json(const job& one);

}  // namespace persiscsi::daemon
