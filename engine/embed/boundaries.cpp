#include "engine/embed/boundaries.h"

#include "engine/core/error.h"

namespace hsa {

Boundaries::Boundaries(UBreakIteratorType kind, std::string_view text) {
    UErrorCode status = U_ZERO_ERROR;
    text_.reset(
        utext_openUTF8(nullptr, text.data(), static_cast<std::int64_t>(text.size()), &status));
    breaks_.reset(ubrk_open(kind, "en", nullptr, 0, &status));
    ubrk_setUText(breaks_.get(), text_.get(), &status);
    if (U_FAILURE(status) != 0) fault("ICU cannot divide the text: {}", u_errorName(status));
}

}  // namespace hsa
