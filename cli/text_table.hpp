// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace persiscsi::cli {

/// Rows under headings, columns padded to their widest cell. Cells are made printable when they are added.
class text_table {
  public:
    explicit text_table(std::vector<std::string> headings) : headings_(std::move(headings)) {}

    void add(const std::vector<std::string>& cells);
    [[nodiscard]] bool empty() const { return rows_.empty(); }
    [[nodiscard]] std::string to_string() const;
    /// The first column alone, a line each: what --quiet prints.
    [[nodiscard]] std::string first_column() const;

  private:
    std::vector<std::string> headings_;
    std::vector<std::vector<std::string>> rows_;
};

/// A JSON value as people read it: null is "-", true "yes", an empty list "-", an object the values of its members.
[[nodiscard]] std::string cell_of(const boost::json::value& value);

/// The same of a member; "-" where there is none.
[[nodiscard]] std::string cell_of(const boost::json::object& object, std::string_view member);

/// A heading, and the member whose cells stand below it.
struct table_column {
    std::string heading;
    std::string_view member;
};
/// A row for each object of a list.
[[nodiscard]] text_table table_of(const boost::json::array& objects, const std::vector<table_column>& columns);

/// One "name  value" line per member; the members of inner objects under "outer.inner".
[[nodiscard]] std::string name_value_lines(const boost::json::object& object);

}  // namespace persiscsi::cli
