// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/net/session_driver.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

#include <utility>

namespace persiscsi {

/// Outstanding operations, owned by the core as task_owner between submission and completion.
struct execute_operation {
    diagnostics* story;
    execute_handler handler;
};
struct text_operation {
    diagnostics* story;
    text_handler handler;
};
struct management_operation {
    diagnostics* story;
    management_handler handler;
};

/// Posts the handler with the error (and its story told) and the results. Posted, never called from here: the caller
/// may be in the middle of anything.
template <class... Results>
void complete(const boost::asio::any_io_executor& fallback,
              boost::asio::any_completion_handler<void(error_code, Results...)> handler,
              diagnostics* story,
              const failure& failed,
              Results... results) {
    if (failed) *story = failed.detail;
    boost::asio::get_associated_cancellation_slot(handler).clear();
    auto call = [fallback,
                 handler = std::move(handler),
                 error = error_code(failed.code),
                 ... results = std::move(results)]() mutable {
        const auto executor = boost::asio::get_associated_executor(handler, fallback);
        boost::asio::dispatch(executor,
                              [handler = std::move(handler), error, ... results = std::move(results)]() mutable {
                                  std::move(handler)(error, std::move(results)...);
                              });
    };
    boost::asio::post(fallback, std::move(call));
}

}  // namespace persiscsi
