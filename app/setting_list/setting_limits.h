#pragma once

namespace splatscope {

// What a number may be.
struct Limits {
    double low = 0.0;
    double high = 0.0;  // low == high: no limit
    bool low_open = false;
};

}  // namespace splatscope
