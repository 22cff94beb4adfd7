// SPDX-License-Identifier: Apache-2.0
// `conformance_test --print-document` prints docs/conformance.md; without it the tests run.
#include "tests/conformance/document.hpp"

#include <gtest/gtest.h>

#include <iostream>
#include <string_view>

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    if (argc == 2 && std::string_view(argv[1]) == "--print-document") {
        std::cout << persiscsi::conformance::document();
        return 0;
    }
    return RUN_ALL_TESTS();
}
