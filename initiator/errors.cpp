// SPDX-License-Identifier: Apache-2.0
#include "initiator/errors.hpp"

namespace persiscsi {

const table_category& login_category() {
    static const error_category_of<login_errc, std::size(login_errors)> category("iscsi login", login_errors);
    return category;
}

}  // namespace persiscsi
