// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace persiscsi::parity {

/// A test and its file from the top of the tree.
struct shown_by {
    std::string_view file;
    std::string_view test;  ///< "suite.name"
};

/// A parameter of a cmdlet, or a property of what it gives out, and what stands for it here.
struct row {
    enum class state {
        same,
        otherwise,  ///< by another way, which `note` tells
        not_yet,    ///< `note` says what is missing, `here` what helps meanwhile, if anything
    };

    std::string_view windows;  ///< "-NodeAddress", "IsConnected"
    state now;
    /// Command lines in the words of cli/commands.hpp, ", " between several: a command, then its operand, - or options.
    /// Of a property: the field of our JSON.
    std::string_view here;
    std::string_view note;
    shown_by test;  ///< empty only where it is not yet
};

struct topic {
    std::string_view name;  ///< a cmdlet, or the class of what cmdlets give out
    std::string_view here;  ///< command lines as of a row; of a class: what has the fields
    std::span<const row> rows;
};

/// The thirteen cmdlets, without what all of them take.
[[nodiscard]] std::span<const topic> cmdlets();
[[nodiscard]] std::span<const row> common_parameters();
/// The classes that cmdlets give out.
[[nodiscard]] std::span<const topic> classes();

}  // namespace persiscsi::parity
