// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/session.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/async_result.hpp>

#include <utility>

namespace persiscsi {

template <class... Results>
using unit_handler = boost::asio::any_completion_handler<void(error_code, Results...)>;

/// Makes `(on.*start)(arguments…, story, handler)` an asynchronous operation void(error_code, Results…). `on` is
/// copied.
template <class... Results, class Unit, class Start, class Token, class... Arguments>
auto initiate_on(const Unit& on, Start start, Token& token, diagnostics& story, Arguments... arguments) {
    return boost::asio::async_initiate<Token, void(error_code, Results...)>(
        [unit = on, start](auto then, diagnostics* into, Arguments... with) mutable {
            (unit.*start)(with..., *into, unit_handler<Results...>(std::move(then)));
        },
        token,
        &story,
        arguments...);
}

}  // namespace persiscsi
