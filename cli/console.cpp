// SPDX-License-Identifier: Apache-2.0
#include "cli/console.hpp"

#include "cli/command_error.hpp"
#include "cli/printable.hpp"
#include "cli/text_table.hpp"

#include <boost/json/serialize.hpp>

#include <ostream>

namespace persiscsi::cli {

void console::write(const boost::json::value& document, const std::string& text) {
    if (json_)
        *out_ << boost::json::serialize(document) << '\n';
    else
        *out_ << text;
}

void console::show(const boost::json::value& document, const text_table& table) {
    write(document, quiet() ? table.first_column() : table.to_string());
}

void console::show(const boost::json::value& document, const std::string& text) {
    write(document, text);
}

void console::report(const boost::json::value& document, const text_table& table) {
    write(document, quiet() ? "" : table.to_string());
}

void console::report(const boost::json::value& document, const std::string& text) {
    write(document, quiet() ? "" : text);
}

void console::verbose(const std::string& step) {
    if (loudness_ >= loudness::verbose) complain(step);
}

void console::debug(const std::string& step) {
    if (loudness_ >= loudness::debug) complain("debug: " + step);
}

void console::complain(const std::string& line) {
    *err_ << "persiscsi: " << printable(line, 4096) << '\n' << std::flush;
}

void console::flush() {
    if (!out_->flush()) throw command_error(exit_code::io_error, "standard output", "the results could not be written");
}

}  // namespace persiscsi::cli
