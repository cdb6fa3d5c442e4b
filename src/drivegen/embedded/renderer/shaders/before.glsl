// The camera as it was, for flow.
layout(std140) uniform Before {
    mat4 clip;    // from metres relative to the eye of before
    vec4 eye;     // xyz world
    vec4 pixel;   // xy: 2 / size of the image
} before;
