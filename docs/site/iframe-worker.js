// The search runs in a worker, which browsers refuse to pages that are opened from disk.
// There, a hidden frame takes the worker's place. Served pages keep the browser's own.
if (location.protocol === "file:" && typeof Worker !== "undefined") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super()
      this.onmessage = this.onerror = null
      const frame = document.createElement("iframe")
      frame.hidden = true
      document.body.appendChild(frame)
      const inside = frame.contentWindow
      const quoted = String(url).replace(/"/g, "%22")
      frame.contentDocument.open()
      frame.contentDocument.write(
        "<!doctype html><script>" +
          "var postMessage = data => parent.dispatchEvent(new CustomEvent('from-frame', {detail: {frame: window, data}}));" +
          "var importScripts = (...urls) => urls.reduce((before, url) => before.then(() => new Promise((done, fail) => {" +
          "const s = document.createElement('script'); s.src = new URL(url, '" + new URL(url, location) + "');" +
          "s.onload = done; s.onerror = fail; document.body.appendChild(s) })), Promise.resolve())" +
          "<\/script><body><script src=\"" + quoted + "\"><\/script>"
      )
      frame.contentDocument.close()
      this.ready = new Promise(done => { frame.onload = done })
      this.frame = inside
      addEventListener("from-frame", event => {
        if (event.detail.frame !== inside) return
        const message = new MessageEvent("message", { data: event.detail.data })
        this.dispatchEvent(message)
        if (this.onmessage) this.onmessage(message)
      })
    }
    postMessage(data) {
      this.ready.then(() => this.frame.dispatchEvent(new MessageEvent("message", { data })))
    }
    terminate() {
      this.frame.frameElement.remove()
    }
  }
}
