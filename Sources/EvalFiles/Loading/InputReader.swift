// `input` and `expected_output`: from what was written to messages.

import Core

/// Reads messages and resolves the files in them.
struct InputReader {
  let references: FileReferences
  let problems: Problems

  private static let imageTypes = [
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif",
    "webp": "image/webp", "svg": "image/svg+xml", "bmp": "image/bmp",
  ]

  /// Messages of an `input` field: a text or a list of messages.
  ///
  /// What is no message is left out.
  /// - Returns: `nil` when the field is of another kind, which has then been reported.
  func messages(_ node: SourceNode, _ place: FieldPlace) -> [Message]? {
    switch node.value {
    case .string(let text): return text.isEmpty ? [] : [Message(role: "user", text: text)]
    case .sequence(let items): return list(items, place)
    default:
      problems.note(
        place.error("expected a text or a list of messages, found \(node.found)", node))
      return nil
    }
  }

  /// One user message of `input_files` and a text `input`.
  func message(files: [String], text: String, _ node: SourceNode, _ place: FieldPlace) -> Message {
    let blocks =
      files.map { JSON.object(["type": "file", "value": .string($0)]) }
      + [JSON.object(["type": "text", "value": .string(text)])]
    return resolved(Message(role: "user", content: .blocks(blocks)), node, place)
  }

  /// Messages of an `expected_output` field.
  func expected(_ node: SourceNode, _ place: FieldPlace) -> [Message] {
    switch node.value {
    case .string(let text): return text.isEmpty ? [] : [Message(role: "assistant", text: text)]
    case .sequence(let items):
      if items.isEmpty { return [] }
      if items[0]["role"] != nil { return list(items, place) }
      return [
        resolved(Message(role: "assistant", content: MessageContent(json: node.json)), node, place)
      ]
    case .mapping:
      if node["role"] != nil { return list([node], place) }
      return [Message(role: "assistant", content: .object(node.object))]
    default:
      problems.note(
        place.error("expected a text, a mapping or a list, found \(node.found)", node))
      return []
    }
  }

  private func list(_ items: [SourceNode], _ place: FieldPlace) -> [Message] {
    var messages: [Message] = []
    for (index, item) in items.enumerated() {
      let here = place.element(index)
      guard item.mapping != nil else {
        problems.lenient(
          here.warning(
            "left out: expected a message, a mapping with role and content, "
              + "found \(item.found)", item))
        continue
      }
      guard let role = item["role"]?.string, Message.roles.contains(role) else {
        let found = item["role"].map(\.found) ?? "none"
        problems.lenient(
          here.member("role").warning(
            "left out: expected one of system, user, assistant, tool, found \(found)",
            item["role"] ?? item))
        continue
      }
      guard let message = Message(json: item.json) else {
        let found = item["content"].map(\.found) ?? "none"
        problems.lenient(
          here.member("content").warning(
            "left out: expected a text, a list of blocks or a mapping, found \(found)",
            item["content"] ?? item))
        continue
      }
      messages.append(resolved(message, item, here))
    }
    return messages
  }

  /// The message with its file and image blocks filled in; those that cannot be read are left out.
  private func resolved(_ message: Message, _ node: SourceNode, _ place: FieldPlace) -> Message {
    guard case .blocks(let blocks)? = message.content else { return message }
    var message = message
    message.content = .blocks(
      blocks.compactMap { block in
        guard let value = block["value"]?.string, !value.isEmpty else {
          return block["type"] == "file" || block["type"] == "image" ? nil : block
        }
        switch block["type"]?.string {
        case "file": return file(block, value, node, place)
        case "image": return image(value, node, place)
        default: return block
        }
      })
    return message
  }

  private func file(
    _ block: JSON, _ reference: String, _ node: SourceNode, _ place: FieldPlace
  ) -> JSON? {
    guard let (display, path) = find("File", reference, node, place) else { return nil }
    do {
      var object = block.object ?? [:]
      object["path"] = .string(display)
      let text = try references.text(path)
      if problems.isStrict, text.isEmpty {
        problems.note(place.warning("Referenced file is empty: \(reference)", node))
      }
      object["text"] = .string(text)
      object["resolvedPath"] = .string(path)
      return .object(object)
    } catch {
      problems.missing(place.warning("Could not read file: \(error)", node))
      return nil
    }
  }

  private func image(_ reference: String, _ node: SourceNode, _ place: FieldPlace) -> JSON? {
    guard let (display, path) = find("Image file", reference, node, place) else { return nil }
    let ending = path.split(separator: ".").last.map { $0.lowercased() } ?? ""
    guard let type = Self.imageTypes[ending] else {
      problems.note(
        place.warning(
          "Unsupported image extension for \(display). Supported: "
            + Self.imageTypes.keys.sorted().map { ".\($0)" }.joined(separator: ", "), node))
      return nil
    }
    do {
      let bytes = try FileIO.read(path, limitBytes: SourceFile.maximumBytes)
      return [
        "type": "image", "media_type": .string(type),
        "source": .string("data:\(type);base64,\(Base64.encode(bytes))"),
      ]
    } catch {
      problems.missing(place.warning("Could not read image: \(error)", node))
      return nil
    }
  }

  private func find(
    _ kind: String, _ reference: String, _ node: SourceNode, _ place: FieldPlace
  ) -> (String, String)? {
    let name = reference.hasPrefix("file://") ? String(reference.dropFirst(7)) : reference
    let found = references.find(name)
    if let path = found.path { return (found.display, path) }
    let tried = found.tried.map { "\n    \($0)" }.joined()
    problems.missing(place.warning("\(kind) not found: \(found.display)\n  Tried:\(tried)", node))
    return nil
  }
}
