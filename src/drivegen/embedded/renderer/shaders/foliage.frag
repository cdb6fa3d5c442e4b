void main() {
    vec3 p = f_place.xyz;
    float a = noise(vec2(p.x * 1.1 + p.z * 0.83, p.y * 1.1 - p.z * 0.71) * 7.0);
    float b = noise(vec2(p.x * 0.9 - p.z * 0.57, p.y * 1.2 + p.z * 0.63) * 2.1);
    float near = clamp(1.4 - 0.018 / gl_FragCoord.w, 0.35, 1.0);
    float leaf = 1.0 + (a * 1.25 + b * 0.7 - 0.95) * near;
    float depth = 0.55 + 0.45 * b;
    finish(f_ambient.rgb * leaf * depth + f_sun.rgb * (leaf * sunshine()) + lamp_glow() * 0.08);
}
