#include "app/widgets/fonts.h"

#include "app/embedded.h"
#include "app/render/font_face.h"
#include "app/render/visual_order.h"
#include "app/widgets/theme.h"

#include <fontconfig/fontconfig.h>
#include <imgui.h>

#include <algorithm>
#include <array>
#include <cfloat>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace splatscope {
namespace {

// A font of the program; one that is `merged` gives the font added last the glyphs it lacks.
void add_embedded(const char* name, bool merged = false, float scale = 1.0F,
                  bool with_hangul = true) {
    const std::span<const std::byte> bytes = embedded(name);
    ImFontConfig config;
    config.FontDataOwnedByAtlas = false;
    config.OversampleH = 2;
    config.MergeMode = merged;
    static constexpr std::array<ImWchar, 3> kHangul = {kFirstSyllable, kLastSyllable, 0};
    if (!with_hangul) config.GlyphExcludeRanges = kHangul.data();
    // ImGui takes a pointer to data it does not change when it does not own them.
    ImGui::GetIO().Fonts->AddFontFromMemoryTTF(const_cast<std::byte*>(bytes.data()),
                                               static_cast<int>(bytes.size()), scale * kTextSize,
                                               &config);
}

struct FreePattern {
    void operator()(FcPattern* pattern) const { FcPatternDestroy(pattern); }
};

// A font file of the system; collections hold several faces.
struct FontFile {
    std::string path;
    int face = 0;
    bool operator==(const FontFile&) const = default;
};

// The user's fonts for scripts that Roboto (Latin, Greek, Cyrillic) does not write, best first.
std::vector<FontFile> system_fonts() {
    std::vector<FontFile> files;
    if (FcInit() != FcTrue) return files;
    for (const char* wish :
         {":lang=ja", ":lang=zh-cn", ":lang=ko", ":lang=ar", ":lang=he", ":lang=hi", ":lang=th",
          ":charset=2192,2208,2713", ":charset=1d400,1d53c"}) {
        const std::unique_ptr<FcPattern, FreePattern> wanted(
            FcNameParse(reinterpret_cast<const FcChar8*>(wish)));
        if (!wanted) continue;
        FcConfigSubstitute(nullptr, wanted.get(), FcMatchPattern);
        FcDefaultSubstitute(wanted.get());
        FcResult result = FcResultNoMatch;
        const std::unique_ptr<FcPattern, FreePattern> match(
            FcFontMatch(nullptr, wanted.get(), &result));
        FcChar8* path = nullptr;
        if (!match || FcPatternGetString(match.get(), FC_FILE, 0, &path) != FcResultMatch) continue;
        FontFile file;
        file.path = reinterpret_cast<const char*>(path);
        FcPatternGetInteger(match.get(), FC_INDEX, 0, &file.face);
        file.face &= 0xffff;  // above it fontconfig counts the instances of a variable font
        const bool readable = file.path.ends_with(".ttf") || file.path.ends_with(".otf") ||
                              file.path.ends_with(".ttc");
        if (readable && std::find(files.begin(), files.end(), file) == files.end())
            files.push_back(file);
    }
    return files;
}

// Lets the font added last take the glyphs it lacks from those files. ImGui reads each glyph when
// it is first drawn.
void add_fallbacks(const std::vector<FontFile>& files) {
    for (const FontFile& file : files) {
        ImFontConfig config;
        config.MergeMode = true;
        config.FontNo = static_cast<ImU32>(file.face);
        config.Flags |= ImFontFlags_NoLoadError;
        ImGui::GetIO().Fonts->AddFontFromFileTTF(file.path.c_str(), kTextSize, &config);
    }
}

}  // namespace

void load_fonts(bool fallbacks) {
    const std::vector<FontFile> files = fallbacks ? system_fonts() : std::vector<FontFile>();
    for (const Font role : {Font::text, Font::bold, Font::mono}) {
        add_embedded(font_file(role));
        bool first = true;
        for (const StandIn& font : stand_ins(role)) {
            add_embedded(font.file, true, font.scale, font.with_hangul);
            if (std::exchange(first, false)) add_fallbacks(files);
        }
        if (first) add_fallbacks(files);
    }
    add_embedded(font_file(Font::icons));
    constexpr ImWchar kBox = 0x25a1;  // for what none has
    for (const Font role : {Font::text, Font::bold, Font::mono})
        if (font_of(role)->IsGlyphInFont(kBox)) font_of(role)->FallbackChar = kBox;
}

ImFont* font_of(Font role) {
    const ImVector<ImFont*>& fonts = ImGui::GetIO().Fonts->Fonts;
    return fonts[static_cast<int>(role)];
}

bool has_glyph(Font role, char32_t letter) {
    if (ImGui::GetCurrentContext() == nullptr || ImGui::GetIO().Fonts->Fonts.empty()) return true;
    return font_of(role)->IsGlyphInFont(static_cast<ImWchar>(letter));
}

Vec2 letters_extent(std::string_view letters, const TextStyle& style, float scale) {
    const ImVec2 size = font_of(style.font)
                            ->CalcTextSizeA(style.size * scale, FLT_MAX, 0.0F, letters.data(),
                                            letters.data() + letters.size());
    return {size.x / scale, size.y / scale};
}

Vec2 text_extent(std::string_view text, const TextStyle& style, float scale) {
    if (!needs_order(text, style.direction)) return letters_extent(text, style, scale);
    return letters_extent(visual_words(text, style.direction), style, scale);
}

}  // namespace splatscope
