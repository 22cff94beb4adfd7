// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/array.hpp>

#include <string>

namespace persiscsi::cli {

/// What --pass-thru adds to the results of a change for people: each object before and after it, a block each. Empty
/// where the results have no objects.
[[nodiscard]] std::string before_and_after(const boost::json::array& results);

}  // namespace persiscsi::cli
