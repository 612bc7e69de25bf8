#include "tests/reference/cases.h"

namespace reference {

std::unique_ptr<hsa::Backend> tested() { return cpu(); }

}  // namespace reference
