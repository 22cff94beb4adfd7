// SPDX-License-Identifier: Apache-2.0
// persiscsi-fuzz TARGET [arguments of libFuzzer]: one program for all targets of targets.cpp.
//   persiscsi-fuzz --list               their names and what they cover
//   persiscsi-fuzz --seeds DIRECTORY    writes DIRECTORY/TARGET/NUMBER for each of them, and DIRECTORY/dictionary
#include "tests/fuzz/targets.hpp"

#include <cstring>
#include <filesystem>
#include <fstream>

namespace {

using namespace persiscsi::fuzz;

const target* chosen = nullptr;

[[noreturn]] void list() {
    for (const auto& one : targets())
        std::printf("%-18.*s %.*s\n",
                    static_cast<int>(one.name.size()),
                    one.name.data(),
                    static_cast<int>(one.covers.size()),
                    one.covers.data());
    std::exit(0);
}

[[noreturn]] void write_seeds(const std::filesystem::path& directory) {
    for (const auto& one : targets()) {
        std::filesystem::create_directories(directory / one.name);
        std::size_t number = 0;
        for (const auto& seed : one.seeds())
            std::ofstream(directory / one.name / std::to_string(number++), std::ios::binary) << as_text(seed);
    }
    std::ofstream words(directory / "dictionary");
    for (const auto& word : dictionary()) words << '"' << word << "\"\n";
    std::exit(words.flush() ? 0 : 1);
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
    char** const all = *arguments;
    if (*count == 2 && std::strcmp(all[1], "--list") == 0) list();
    if (*count == 3 && std::strcmp(all[1], "--seeds") == 0) write_seeds(all[2]);
    chosen = *count < 2 ? nullptr : find_target(all[1]);
    if (chosen == nullptr) {
        std::fprintf(stderr, "persiscsi-fuzz: the first argument names a target; --list shows them\n");
        std::exit(2);
    }
    std::copy(all + 2, all + *count, all + 1);
    --*count;
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    chosen->body(input(std::as_bytes(std::span(data, size))));
    return 0;
}
