// SPDX-License-Identifier: Apache-2.0
#include "initiator/session.hpp"

#include "initiator/net/session_driver.hpp"

#include <utility>

namespace persiscsi {

session::session(boost::asio::any_io_executor executor, session_options options)
    : driver_(std::make_shared<session_driver>(std::move(executor), std::move(options))) {}

session::~session() {
    if (driver_) driver_->shut_down();
}

session::session(session&&) noexcept = default;

session& session::operator=(session&& other) noexcept {
    if (driver_) driver_->shut_down();
    driver_ = std::move(other.driver_);
    return *this;
}

boost::asio::any_io_executor session::get_executor() const {
    return driver_->executor();
}

void session::start_login(diagnostics& story, login_handler handler) {
    driver_->login(&story, std::move(handler));
}

void session::keep_logged_in() {
    driver_->keep_logged_in();
}

void session::start_execute(const scsi_task& task, diagnostics& story, execute_handler handler) {
    driver_->execute(task, &story, std::move(handler));
}

void session::start_manage(pdu::task_management_function function,
                           pdu::lun_id lun,
                           diagnostics& story,
                           management_handler handler) {
    driver_->manage(function, lun, &story, std::move(handler));
}

void session::start_logout(diagnostics& story, login_handler handler) {
    driver_->logout(&story, std::move(handler));
}

session_state session::state() const {
    return driver_->core().state();
}
const session_options& session::options() const {
    return driver_->core().options();
}
const std::optional<negotiated>& session::agreed() const {
    return driver_->core().agreed();
}
std::optional<connection_endpoints> session::endpoints() const {
    return driver_->endpoints();
}
std::vector<connection_view> session::connections() const {
    return driver_->connections();
}
session_counters session::counters() const {
    return driver_->core().counters();
}
const failure& session::last_failure() const {
    return driver_->core().last_failure();
}
std::uint64_t session::logins() const {
    return driver_->core().logins();
}

void session::on_state_change(std::function<void(session_state)> observer) {
    driver_->on_state_change(std::move(observer));
}

void session::on_async_message(std::function<void(const async_notice&)> observer) {
    driver_->on_async_message(std::move(observer));
}

}  // namespace persiscsi
