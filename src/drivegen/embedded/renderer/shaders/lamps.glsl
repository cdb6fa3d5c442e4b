// What the glow of a lens and its reflection on the road share.
struct Lamp {
    vec3 color;
    float strength;
    float size;      // of the glow, m, close by
};

bool is_head(uint material) { return material == 12u || material == 23u || material == 27u; }

Lamp lamp_of(uint material, float facing) {
    bool street = material == 20u;
    bool high = material == 27u;
    bool head = is_head(material);
    bool beacon = material == 25u || material == 26u;
    bool signal = material >= 17u && material <= 19u;
    Lamp lamp;
    lamp.strength = street || beacon ? 0.75
        : smoothstep(-0.1, 0.7, facing) * (head ? (high ? 1.1 : 0.95) : (material == 13u ? 0.4 : (signal ? 0.85 : 0.7)));
    lamp.size = street ? 0.9 : (head ? (high ? 0.9 : 0.55) : (beacon ? 0.6 : (signal ? 0.42 : 0.34)));
    vec3 c = beacon ? vec3(1.0) : vec3(1.0, 0.93, 0.82);
    c = material == 13u || material == 14u || material == 17u || material == 24u ? vec3(1.0, 0.10, 0.06) : c;
    c = material == 15u || material == 16u || material == 18u ? vec3(1.0, 0.55, 0.08) : c;
    c = material == 19u ? vec3(0.12, 1.0, 0.55) : c;
    lamp.color = street ? vec3(1.0, 0.88, 0.68) : c;
    return lamp;
}

float clear_to(float far, float rise) {
    return exp2(-(view.haze.w * far + view.fog.x * thickness(rise) * max(far - view.fog.y, 0.0)));
}
