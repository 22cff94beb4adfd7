// SPDX-License-Identifier: Apache-2.0
#include "initiator/discovery.hpp"

#include "initiator/net/operations.hpp"
#include "initiator/net/session_driver.hpp"
#include "initiator/net/target_list.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>

#include <memory>
#include <utility>

namespace persiscsi {
namespace {

/// Log in, ask, log out: the answer is given when the logout has ended, whichever way.
struct discovery : std::enable_shared_from_this<discovery> {
    // Constructed with its handler: Boost 1.81's any_completion_handler must not be assigned to (it recurses).
    discovery(std::shared_ptr<session_driver> with, diagnostics& into, discovery_handler then)
        : driver(std::move(with)), story(&into), handler(std::move(then)) {}

    std::shared_ptr<session_driver> driver;
    diagnostics* story;
    diagnostics logout_story;
    discovery_handler handler;
    failure failed;
    std::vector<discovered_target> targets;

    void start() {
        // The login carries the caller's cancellation: it is the part that waits for strangers.
        const auto slot = boost::asio::get_associated_cancellation_slot(handler);
        driver->login(story, boost::asio::bind_cancellation_slot(slot, [self = shared_from_this()](error_code error) {
                          self->after_login(error);
                      }));
    }
    void after_login(error_code error) {
        if (error) return finish(error);
        driver->text(
            {{"SendTargets", "All"}}, story, [self = shared_from_this()](error_code failed_with, pdu::text_keys keys) {
                self->after_text(failed_with, keys);
            });
    }
    void after_text(error_code error, const pdu::text_keys& keys) {
        if (error) return finish(error);
        auto parsed = parse_target_list(keys, driver->core().options().portal);
        failed = std::move(parsed.failed);
        targets = std::move(parsed.targets);
        driver->logout(&logout_story, [self = shared_from_this()](error_code) { self->finish({}); });
    }
    void finish(error_code error) {
        driver->shut_down();
        if (error) failed = {std::error_code(error), *story};
        if (failed) targets.clear();
        complete(driver->executor(), std::move(handler), story, failed, std::move(targets));
    }
};

}  // namespace

void start_discovery(boost::asio::any_io_executor executor,
                     session_options options,
                     diagnostics& story,
                     discovery_handler handler) {
    options.login.type = session_type::discovery;
    options.login.target_name.clear();
    options.recovery = fail_at_once{};
    auto driver = std::make_shared<session_driver>(std::move(executor), std::move(options));
    std::make_shared<discovery>(std::move(driver), story, std::move(handler))->start();
}

}  // namespace persiscsi
