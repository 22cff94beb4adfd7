// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/document.hpp"

#include "tests/conformance/rules.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace persiscsi::conformance {
namespace {

struct suite {
    std::string_view title, about;
    std::span<const row> rows;
};

std::vector<suite> suites() {
    return {
        {"Full Feature Phase", "Numbers of the UNH-IOL Full Feature Phase suite for initiators.", full_feature_rows()},
        {"Login",
         "Numbers of the UNH-IOL Login Phase suite for initiators, v3.0; only its titles are known.",
         login_rows()},
        {"CHAP", "Numbers of the UNH-IOL CHAP suite for initiators, v3.1; only its titles are known.", chap_rows()},
        {"Error recovery",
         "The UNH-IOL suite Error Recovery v2.1 is for targets; mirrored, with three numbers more (3.6 to 3.8).",
         error_recovery_rows()},
    };
}

constexpr std::string_view introduction =
    R"(# Conformance with RFC 7143

Each number is one test of `tests/conformance/`: the initiator's session core against a target that the test writes out
PDU by PDU, under virtual time. A judge sees every PDU of every test in both directions and holds the initiator's to the
rules at the end of this page; it is written from the RFC's text alone, and its own test breaks each rule once. A number
passes when its test passes and the judge has found nothing. The sentences are ours, sections are those of RFC 7143.

This page is printed: `build/release/bin/conformance_test --print-document > docs/conformance.md`. The suite fails when
the page is not what is printed, when a number has no test or when a test has no number.

)";

std::string section_list(std::string_view sections) {
    std::string list;
    for (std::size_t from = 0; from < sections.size();) {
        const auto end = std::min(sections.find(", ", from), sections.size());
        list += (list.empty() ? "§" : ", §") + std::string(sections.substr(from, end - from));
        from = end + 2;
    }
    return list;
}

std::string link_to(const std::vector<registered_test>& tests) {
    if (tests.empty()) return "none";
    const auto& [name, file] = tests.front();
    return "[" + name.substr(name.find_first_of('_') + 1) + "](../" + file + ")";
}

std::string table_of(const suite& one) {
    const auto tests = tests_by_row();
    std::size_t passes = 0;
    std::string rows;
    for (const auto& row : one.rows) {
        const auto found = tests.find(row_key(row));
        const bool applies = row.not_applicable.empty();
        passes += applies ? 1U : 0U;
        rows += "| " + std::string(row.number) + " | " + std::string(row.demand) + " | " + section_list(row.sections) +
                " | " + (applies ? "pass" : "not applicable: " + std::string(row.not_applicable)) + " | " +
                link_to(found == tests.end() ? std::vector<registered_test>() : found->second) + " |\n";
    }
    return "## " + std::string(one.title) + "\n" + std::string(one.about) + " " + std::to_string(one.rows.size()) +
           " numbers, " + std::to_string(passes) + " pass, " + std::to_string(one.rows.size() - passes) +
           " do not apply.\n\n| number | the initiator | sections | outcome | test |\n|---|---|---|---|---|\n" + rows +
           "\n";
}

std::string table_of_rules() {
    std::string rows;
    for (const auto& rule : rules())
        rows += "| `" + std::string(rule.name) + "` | " + section_list(rule.section) + " | " +
                std::string(rule.demand) + " |\n";
    return "## The judge\n" + std::to_string(rule_count) +
           " rules, each seen to fail by `tests/conformance/judge_test.cpp`.\n\n| rule | section | every PDU of an "
           "initiator |\n"
           "|---|---|---|\n" +
           rows;
}

}  // namespace

std::vector<row> all_rows() {
    std::vector<row> all;
    for (const auto& one : suites()) all.insert(all.end(), one.rows.begin(), one.rows.end());
    return all;
}

std::map<std::string, std::vector<registered_test>> tests_by_row() {
    std::map<std::string, std::vector<registered_test>> found;
    const auto& program = *testing::UnitTest::GetInstance();
    for (int i = 0; i < program.total_test_suite_count(); ++i) {
        const auto& tests = *program.GetTestSuite(i);
        for (int j = 0; j < tests.total_test_count(); ++j) {
            const auto& test = *tests.GetTestInfo(j);
            std::string file = test.file();
            file.erase(0, file.rfind("tests/conformance/"));
            if (std::string_view(tests.name()).ends_with("conformance_case"))
                found[row_key(test.name())].push_back({test.name(), file});
        }
    }
    return found;
}

std::string document() {
    std::string text(introduction);
    for (const auto& one : suites()) text += table_of(one);
    return text + table_of_rules();
}

}  // namespace persiscsi::conformance
