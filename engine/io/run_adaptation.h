#pragma once

#include "engine/io/bytes.h"
#include "engine/model/adapt_state.h"

namespace hsa {

// What a .run has held since version 3 of the states and measures of its cycles: schedule, shift,
// thresholds and signals; since version 4 the paths, since 6 the parents chosen by hand. Reading is
// total: damaged bytes are an Error
// of the reader.
void put_adaptation(ByteWriter& out, const AdaptState& state);
// Into a state whose registry is there already.
void get_adaptation(ByteReader& in, AdaptState& state);
void put_paths(ByteWriter& out, const AdaptState& state);
void get_paths(ByteReader& in, AdaptState& state);
void put_held_parents(ByteWriter& out, const AdaptState& state);
void get_held_parents(ByteReader& in, AdaptState& state);
void put_schedule(ByteWriter& out, const CycleMeasures& measures);
void get_schedule(ByteReader& in, CycleMeasures& measures);

}  // namespace hsa
