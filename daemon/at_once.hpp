// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>

namespace persiscsi::daemon {

/// What the workers of one for_each_at_once() share.
struct at_once {
    std::size_t next = 0;
    std::size_t working = 0;
    boost::asio::steady_timer all_done;
};

template <class Work>
boost::asio::awaitable<void> work_at_once(std::shared_ptr<at_once> shared, std::size_t count, Work& work) {
    while (shared->next < count) co_await work(shared->next++);
    if (--shared->working == 0) shared->all_done.cancel();
}

/// `work(n)`, an awaitable<void> that throws nothing, for each n below `count`: at most `most` of them at once, on the
/// executor of the caller. Returns when all have ended.
template <class Work>
boost::asio::awaitable<void> for_each_at_once(std::size_t count, std::size_t most, Work work) {
    if (count == 0) co_return;
    const auto here = co_await boost::asio::this_coro::executor;
    const auto workers = std::min(count, most);
    const auto shared = std::make_shared<at_once>(
        at_once{0, workers, boost::asio::steady_timer(here, boost::asio::steady_timer::time_point::max())});
    for (std::size_t n = 0; n < workers; ++n)
        boost::asio::co_spawn(here, work_at_once(shared, count, work), boost::asio::detached);
    boost::system::error_code cancelled;
    while (shared->working > 0)
        co_await shared->all_done.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
}

}  // namespace persiscsi::daemon
