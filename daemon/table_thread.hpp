// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "persistence/session_table.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace persiscsi::daemon {

/// The table on a thread of its own, so that no session waits for the disk. Jobs run one after another in the order of
/// run(); each sees what those before it have done.
class table_thread {
  public:
    explicit table_thread(persistence::session_table table) : table_(std::move(table)) {}
    table_thread(const table_thread&) = delete;
    table_thread& operator=(const table_thread&) = delete;
    /// Finishes the jobs that were given.
    ~table_thread() { pool_.join(); }

    /// `job(session_table&)` on the table's thread; its result, or what it threw, here. Not cancellable: a caller that
    /// is cancelled still gets the outcome.
    template <class Job>
    boost::asio::awaitable<std::invoke_result_t<Job&, persistence::session_table&>> run(Job job) {
        using result = std::invoke_result_t<Job&, persistence::session_table&>;
        outcome<result> done;
        const auto home = co_await boost::asio::this_coro::executor;
        auto start = [this, home, &job, &done](auto handler) {
            boost::asio::post(pool_, [this, home, &job, &done, handler = std::move(handler)]() mutable {
                done.fill(job, table_);
                boost::asio::post(home, std::move(handler));
            });
        };
        co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void()>(start,
                                                                                           boost::asio::use_awaitable);
        co_return done.take();
    }

  private:
    template <class Result>
    struct outcome {
        std::exception_ptr failed;
        std::optional<Result> value;

        template <class Job>
        void fill(Job& job, persistence::session_table& table) noexcept {
            try {
                value.emplace(job(table));
            } catch (...) {
                failed = std::current_exception();
            }
        }
        Result take() {
            if (failed) std::rethrow_exception(failed);
            return std::move(*value);
        }
    };

    persistence::session_table table_;
    boost::asio::thread_pool pool_{1};
};

}  // namespace persiscsi::daemon
