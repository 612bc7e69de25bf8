#include "app/choice_names.h"

namespace splatscope {

template <>
std::vector<std::string> choice_names<hsa::Form>() {
    return {"token", "shared", "paired"};
}
template <>
std::vector<std::string> choice_names<hsa::AttentionMode>() {
    return {"dense", "sparse", "spatial"};
}
template <>
std::vector<std::string> choice_names<BackendName>() {
    return {"auto", "cuda", "opengl", "cpu"};
}
template <>
std::vector<std::string> choice_names<hsa::Precision>() {
    return {"single", "double"};
}
template <>
std::vector<std::string> choice_names<hsa::Storage>() {
    return {"float32", "float16", "8bit"};
}
template <>
std::vector<std::string> choice_names<hsa::Normalise>() {
    return {"row", "softmax", "softmax-linear"};
}
template <>
std::vector<std::string> choice_names<hsa::CovarianceKind>() {
    return {"spherical", "diagonal", "lowrank", "full"};
}
template <>
std::vector<std::string> choice_names<hsa::Smoothing>() {
    return {"auto", "off", "trailing", "factor"};
}
template <>
std::vector<std::string> choice_names<hsa::EmbedMethod>() {
    return {"auto", "model", "cooccurrence", "file"};
}
template <>
std::vector<std::string> choice_names<hsa::ReplaceMode>() {
    return {"full", "hybrid", "added", "outside"};
}
template <>
std::vector<std::string> choice_names<hsa::TargetSource>() {
    return {"scores", "none", "file"};
}
template <>
std::vector<std::string> choice_names<hsa::Preset>() {
    return {"story", "fast"};
}
template <>
std::vector<std::string> choice_names<hsa::Thresholds>() {
    return {"fixed", "adaptive"};
}
template <>
std::vector<std::string> choice_names<hsa::AutomaticRepair>() {
    return {"off", "faults", "all"};
}
template <>
std::vector<std::string> choice_names<hsa::Fallback>() {
    return {"none", "local", "dense"};
}
template <>
std::vector<std::string> choice_names<ColourMapName>() {
    return {"viridis", "cividis", "magma", "grey", "puor", "twilight"};
}
template <>
std::vector<std::string> choice_names<MapScale>() {
    return {"fixed", "view", "uniform", "linear"};
}
template <>
std::vector<std::string> choice_names<MapCompare>() {
    return {"off", "split", "difference", "blink", "beside"};
}
template <>
std::vector<std::string> choice_names<MapSide>() {
    return {"first", "second"};
}
template <>
std::vector<std::string> choice_names<hsa::StrengthBy>() {
    return {"value", "uniform", "lift"};
}
template <>
std::vector<std::string> choice_names<hsa::Statistic>() {
    return {"mean", "most"};
}
template <>
std::vector<std::string> choice_names<SplatStyle>() {
    return {"ellipsoids", "rings", "centres", "soft"};
}
template <>
std::vector<std::string> choice_names<HandlesShown>() {
    return {"off", "window", "always"};
}
template <>
std::vector<std::string> choice_names<PointColour>() {
    return {"level", "section", "label", "selection", "inside", "distance"};
}
template <>
std::vector<std::string> choice_names<TreeForm>() {
    return {"icicle", "nodelink", "lineage"};
}
template <>
std::vector<std::string> choice_names<TimelineLanes>() {
    return {"level", "kind"};
}
template <>
std::vector<std::string> choice_names<TimelineCurve>() {
    return {"row_kl", "objective", "entropy", "information", "splats", "all"};
}
template <>
std::vector<std::string> choice_names<LineageLines>() {
    return {"automatic", "all", "events", "selected"};
}
template <>
std::vector<std::string> choice_names<TextTint>() {
    return {"from", "to", "splat", "level", "measure"};
}
template <>
std::vector<std::string> choice_names<hsa::Things>() {
    return {"splats", "tokens", "events"};
}
template <>
std::vector<std::string> choice_names<Tool>() {
    return {"move", "rectangle", "lasso"};
}
template <>
std::vector<std::string> choice_names<PictureFormat>() {
    return {"png", "svg", "pdf"};
}
template <>
std::vector<std::string> choice_names<PictureUnit>() {
    return {"pixels", "mm"};
}
template <>
std::vector<std::string> choice_names<Ground>() {
    return {"theme", "white", "transparent"};
}
template <>
std::vector<std::string> choice_names<Part>() {
    return {"title", "legend", "bar", "notes", "axes"};
}
template <>
std::vector<std::string> choice_names<ThemeName>() {
    return {"dark", "light", "contrast"};
}

}  // namespace splatscope
