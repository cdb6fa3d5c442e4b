// A puff of spray in a vehicle's wake: a soft quad that faces the eye.
in vec4 row_a;   // middle of the tail on the ground, half width
in vec4 row_b;   // backwards xy (unit), strength, seed
out vec2 f_at;
flat out vec4 f_light;
flat out float f_seed;

void main() {
    int seed = int(row_b.w + 0.5);
    float luck = fract(float(seed) * 0.6180339887);
    // Each puff is thrown, drifts back and thins; then the next one is.
    float age = fract(view.air.y * 0.9 + luck);
    float side = fract(float(seed) * 0.7548776662) * 2.0 - 1.0;
    float strength = row_b.z;
    vec2 across = vec2(-row_b.y, row_b.x);
    float behind = 0.1 + age * (1.2 + 4.2 * strength);
    float size = (0.35 + 0.9 * age) * (0.6 + 0.6 * strength) * (0.7 + 0.3 * row_a.w);
    vec3 world = row_a.xyz + vec3(row_b.xy * behind + across * (side * row_a.w * (0.75 + 0.3 * age)), size * 0.62);
    vec3 to_eye = view.eye.xyz - world;
    float far = length(to_eye);
    to_eye /= max(far, 1e-3);
    vec3 right = normalize(cross(vec3(0.0, 0.0, 1.0), to_eye) + vec3(1e-6, 0.0, 0.0));
    vec3 up = cross(to_eye, right);
    f_at = vec2((gl_VertexID & 1) * 2 - 1, (gl_VertexID & 2) - 1);
    f_seed = luck * 61.0;
    vec3 light = ambient_light(vec3(0.0, 0.0, 1.0)) * 0.72 + view.wet.w * view.haze_sun.w * vec3(0.035, 0.032, 0.028);
    float clear = exp2(-view.haze.w * far);
    float alpha = strength * 0.5 * (1.0 - age) * min(1.0, age * 5.0) * clear * clamp(far * 0.5 - 0.6, 0.0, 1.0);
    f_light = vec4(displayed(light).bgr, alpha);
    vec3 relative = world - view.eye.xyz + (right * f_at.x + up * f_at.y) * size;
    gl_Position = view.clip_relative * vec4(relative, 1.0);
}
