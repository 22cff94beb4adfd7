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

/// Log in, ask, log out: the answer is given when the logout has ended, whichever way. Owned by the operation of the
/// driver that is outstanding. The driver lives by its own operations, so that neither keeps the other for ever where
/// the executor ends first.
struct discovery : std::enable_shared_from_this<discovery> {
    // Constructed with its handler: Boost 1.81's any_completion_handler must not be assigned to (it recurses).
    discovery(boost::asio::any_io_executor on, portal portal_asked, diagnostics& into, discovery_handler then)
        : executor(std::move(on)), asked(std::move(portal_asked)), story(&into), handler(std::move(then)) {}

    boost::asio::any_io_executor executor;
    portal asked;
    diagnostics* story;
    diagnostics logout_story;
    discovery_handler handler;
    std::weak_ptr<session_driver> driver;
    failure failed;
    std::vector<discovered_target> targets;

    void start(const std::shared_ptr<session_driver>& with) {
        driver = with;
        // The login carries the caller's cancellation: it is the part that waits for strangers.
        const auto slot = boost::asio::get_associated_cancellation_slot(handler);
        with->login(story, boost::asio::bind_cancellation_slot(slot, [self = shared_from_this()](error_code error) {
                        self->after_login(error);
                    }));
    }
    void after_login(error_code error) {
        const auto with = driver.lock();
        if (error || !with) return finish(error ? error : gone());
        with->text({{"SendTargets", "All"}}, story, [self = shared_from_this()](error_code lost, pdu::text_keys keys) {
            self->after_text(lost, keys);
        });
    }
    void after_text(error_code error, const pdu::text_keys& keys) {
        const auto with = driver.lock();
        if (error || !with) return finish(error ? error : gone());
        auto parsed = parse_target_list(keys, asked);
        failed = std::move(parsed.failed);
        targets = std::move(parsed.targets);
        with->logout(&logout_story, [self = shared_from_this()](error_code) { self->finish({}); });
    }
    error_code gone() {
        *story = "discovery at " + to_string(asked) + ": the session was closed";
        return make_error_code(protocol_errc::local_cancelled);
    }
    void finish(error_code error) {
        if (const auto with = driver.lock()) with->shut_down();
        if (error) failed = {std::error_code(error), *story};
        if (failed) targets.clear();
        complete(executor, std::move(handler), story, failed, std::move(targets));
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
    const auto asked = options.portal;
    const auto driver = std::make_shared<session_driver>(executor, std::move(options));
    std::make_shared<discovery>(std::move(executor), asked, story, std::move(handler))->start(driver);
}

}  // namespace persiscsi
