// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/value.hpp>

#include <iosfwd>
#include <string>

namespace persiscsi::cli {

class text_table;

/// How much a command tells beyond its result.
enum class loudness { quiet, normal, verbose, debug };

/// Where a command puts its results (stdout: either one JSON document, or text for people) and its steps (stderr).
class console {
  public:
    console(std::ostream& out, std::ostream& err, bool json, loudness how_loud)
        : out_(&out), err_(&err), json_(json), loudness_(how_loud) {}

    [[nodiscard]] bool json() const { return json_; }
    [[nodiscard]] bool quiet() const { return loudness_ == loudness::quiet; }

    /// A list or a thing the user asked to see: printed even when quiet, then only the table's first column.
    void show(const boost::json::value& document, const text_table& table);
    void show(const boost::json::value& document, const std::string& text);
    /// The outcome of a change: no text when quiet.
    void report(const boost::json::value& document, const text_table& table);
    void report(const boost::json::value& document, const std::string& text);

    void verbose(const std::string& step);
    void debug(const std::string& step);
    /// One line on stderr about an item that failed while others went on.
    void complain(const std::string& line);

    /// Throws command_error (I/O error) when the results could not be written.
    void flush();

  private:
    void write(const boost::json::value& document, const std::string& text);

    std::ostream* out_;
    std::ostream* err_;
    bool json_;
    loudness loudness_;
};

}  // namespace persiscsi::cli
