// Streaks of rain in a box around the eye: drops fall through the world, the box goes with the eye.
out vec2 f_at;
flat out vec4 f_light;

const vec3 BOX = vec3(22.0, 22.0, 12.0);
const float SHUTTER_S = 0.030;

float luck(int k) { return hashed(ivec2(gl_InstanceID, k)); }

void main() {
    float speed = 7.0 + 3.0 * luck(3);
    vec3 fall = vec3(view.air.z * vec2(4.8, 3.6), -speed);
    // Each drop's fall repeats in its own time; the box is a whole number of repeats.
    vec3 world = vec3(luck(0), luck(1), luck(2)) * BOX + fall * view.air.y;
    vec3 middle = mod(world - view.eye.xyz, BOX) - 0.5 * BOX;
    float far = length(middle);
    vec3 along = fall * (0.5 * SHUTTER_S);
    vec3 to_eye = -middle / max(far, 0.1);
    vec3 across = normalize(cross(along, to_eye) + vec3(1e-5, 0.0, 0.0));
    // Never thinner than a pixel, but then paler.
    float pixel = length(view.ray_dx.xyz) * far;
    float half_width = max(0.0016, 0.6 * pixel);
    float strength = 0.0016 / half_width;
    strength *= clamp(far * 1.4 - 0.8, 0.0, 1.0) * clamp((11.0 - far) * 0.4, 0.0, 1.0);
    f_at = vec2((gl_VertexID & 1) * 2 - 1, (gl_VertexID & 2) - 1);
    vec3 relative = middle + across * (f_at.x * half_width) + along * f_at.y;
    gl_Position = view.clip_relative * vec4(relative, 1.0);
    // Drops show the sky upside down: brighter than what is behind them but for the sky itself.
    vec3 light = (view.horizon.rgb + view.zenith.rgb) * 0.55 + view.wet.w * view.haze_sun.w * vec3(0.085, 0.078, 0.066);
    f_light = vec4(displayed(light).bgr, min(strength * 1.6, 0.5));
}
