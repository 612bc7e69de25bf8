#include "app/render/font_subset.h"

#ifdef SPLATSCOPE_HARFBUZZ
#include "app/embedded.h"

#include <hb-subset.h>
#include <hb.h>

#include <memory>
#endif

namespace splatscope {

#ifdef SPLATSCOPE_HARFBUZZ

namespace {

struct Release {
    void operator()(hb_blob_t* blob) const { hb_blob_destroy(blob); }
    void operator()(hb_face_t* face) const { hb_face_destroy(face); }
    void operator()(hb_subset_input_t* input) const { hb_subset_input_destroy(input); }
};

}  // namespace

std::string font_subset(std::string_view file, const std::set<char32_t>& letters) {
    const std::span<const std::byte> bytes = embedded(file);
    const std::unique_ptr<hb_blob_t, Release> blob(hb_blob_create(
        reinterpret_cast<const char*>(bytes.data()), static_cast<unsigned>(bytes.size()),
        HB_MEMORY_MODE_READONLY, nullptr, nullptr));
    const std::unique_ptr<hb_face_t, Release> whole(hb_face_create(blob.get(), 0));
    const std::unique_ptr<hb_subset_input_t, Release> wanted(hb_subset_input_create_or_fail());
    if (!wanted) return {};
    for (const char32_t letter : letters)
        hb_set_add(hb_subset_input_unicode_set(wanted.get()), letter);
    hb_subset_input_set_flags(wanted.get(), HB_SUBSET_FLAGS_NO_HINTING);
    const std::unique_ptr<hb_face_t, Release> part(hb_subset_or_fail(whole.get(), wanted.get()));
    if (!part) return {};
    const std::unique_ptr<hb_blob_t, Release> made(hb_face_reference_blob(part.get()));
    unsigned length = 0;
    const char* const begin = hb_blob_get_data(made.get(), &length);
    return begin != nullptr ? std::string(begin, length) : std::string();
}

#else

std::string font_subset(std::string_view, const std::set<char32_t>&) { return {}; }

#endif

}  // namespace splatscope
