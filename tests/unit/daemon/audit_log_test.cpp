// SPDX-License-Identifier: Apache-2.0
#include "daemon/audit_log.hpp"

#include "tests/support/temporary_directory.hpp"

#include <boost/json/object.hpp>
#include <gtest/gtest.h>

namespace persiscsi::daemon {
namespace {

// More than one file of the log holds.
void record_twelve_mebibytes(audit_log& log) {
    const boost::json::value answer{{"text", std::string(1 << 20, 'x')}};
    for (int i = 0; i < 12; ++i) log.record({1, 2, 3, {}}, "POST /v1/things", 200, answer);
}

TEST(audit_log, a_full_file_makes_room_for_the_next) {
    const temporary_directory directory;
    const auto file = directory.path() / "audit.log";
    audit_log log(file);
    record_twelve_mebibytes(log);
    EXPECT_GT(std::filesystem::file_size(directory.path() / "audit.1.log"), 9U << 20);
    EXPECT_LT(std::filesystem::file_size(file), 4U << 20);
}

}  // namespace
}  // namespace persiscsi::daemon
