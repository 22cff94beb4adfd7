// SPDX-License-Identifier: Apache-2.0
// docs/scsi.md against the table. After a change on purpose: run with PERSISCSI_UPDATE_GOLDEN=1 and read the diff.
#include "initiator/scsi/command_table.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

namespace persiscsi::scsi {
namespace {

constexpr std::string_view begins = "<!-- printed from initiator/scsi/command_table.cpp: begin -->\n";
constexpr std::string_view ends = "<!-- end -->\n";

std::string read_file(const char* path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(command_table, is_what_docs_scsi_md_says) {
    const auto* path = PERSISCSI_SCSI_DOCUMENT;
    auto document = read_file(path);
    const auto from = document.find(begins);
    const auto to = document.find(ends);
    ASSERT_NE(from, document.npos) << path;
    ASSERT_NE(to, document.npos) << path;
    const auto at = from + begins.size();
    if (std::getenv("PERSISCSI_UPDATE_GOLDEN") != nullptr) {
        document.replace(at, to - at, commands_as_markdown());
        std::ofstream(path) << document;
        return;
    }
    EXPECT_EQ(document.substr(at, to - at), commands_as_markdown()) << path;
}

TEST(command_table, has_each_name_and_code_once) {
    std::set<std::string_view> names;
    std::set<std::string> codes;
    for (const auto& row : commands()) {
        EXPECT_TRUE(names.insert(row.name).second) << row.name;
        EXPECT_TRUE(codes.insert(code_of(row)).second) << row.name;
        EXPECT_TRUE(row.parser.empty() || row.flow == data_flow::in) << row.name;
    }
}

TEST(command_table, names_functions_that_are_in_their_headers) {
    for (const auto& row : commands()) {
        const auto header = read_file((std::string(PERSISCSI_SCSI_SOURCES "/") + std::string(row.header)).c_str());
        std::string name;
        for (const char c : std::string(row.builder) + ",") {
            if (c == ' ') continue;
            if (c != ',') {
                name += c;
                continue;
            }
            const bool there =
                header.find("cdb " + name + "(") != header.npos || header.find("cdb_32 " + name + "(") != header.npos;
            EXPECT_TRUE(there) << row.header << " has no " << name;
            name.clear();
        }
    }
}

}  // namespace
}  // namespace persiscsi::scsi
