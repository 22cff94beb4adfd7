// SPDX-License-Identifier: Apache-2.0
#include "pdu/errors.hpp"

namespace persiscsi {

const table_category& protocol_category() {
    static const error_category_of<protocol_errc, std::size(protocol_errors)> category("iscsi protocol",
                                                                                       protocol_errors);
    return category;
}

}  // namespace persiscsi
