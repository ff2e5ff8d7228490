//! Integer arithmetic with its flags, as the processor gives it (Intel SDM,
//! volume 1, 3.4.3.1, and volume 2, the instructions' own pages).

/// The flags in EFLAGS that arithmetic sets.
const CARRY: u64 = 1;
const PARITY: u64 = 1 << 2;
const ADJUST: u64 = 1 << 4;
const ZERO: u64 = 1 << 6;
const SIGN: u64 = 1 << 7;
const OVERFLOW: u64 = 1 << 11;
const ALL: u64 = CARRY | PARITY | ADJUST | ZERO | SIGN | OVERFLOW;

/// An operand's width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Width {
    bits: u32,
}

impl Width {
    /// The width of 1, 2, 4 or 8 bytes.
    pub const fn of_bytes(bytes: usize) -> Option<Self> {
        match bytes {
            1 | 2 | 4 | 8 => Some(Self {
                bits: bytes as u32 * 8,
            }),
            _ => None,
        }
    }

    /// In bytes.
    pub const fn bytes(self) -> usize {
        self.bits as usize / 8
    }

    /// What of a number fits.
    pub const fn cut(self, value: u64) -> u64 {
        value & (u64::MAX >> (64 - self.bits))
    }

    /// A number of this width with its sign, in 64 bits.
    pub const fn signed(self, value: u64) -> u64 {
        let unused = 64 - self.bits;
        ((value << unused).cast_signed() >> unused).cast_unsigned()
    }

    const fn top(self, value: u64) -> bool {
        value >> (self.bits - 1) & 1 == 1
    }
}

/// What is done to one or two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Sub,
    And,
    Or,
    Xor,
    Inc,
    Dec,
    Neg,
    Not,
    Shl,
    Shr,
    Sar,
}

impl Arithmetic {
    /// The result of `a` with `b`, and the flags that were `flags` before.
    pub fn result(self, width: Width, a: u64, b: u64, flags: u64) -> (u64, u64) {
        let (a, b) = (width.cut(a), width.cut(b));
        match self {
            Self::Add => added(width, a, b, flags),
            Self::Sub => subtracted(width, a, b, flags),
            Self::And => logical(width, a & b, flags),
            Self::Or => logical(width, a | b, flags),
            Self::Xor => logical(width, a ^ b, flags),
            Self::Inc => keeping_carry(added(width, a, 1, flags), flags),
            Self::Dec => keeping_carry(subtracted(width, a, 1, flags), flags),
            Self::Neg => subtracted(width, 0, a, flags),
            Self::Not => (width.cut(!a), flags),
            Self::Shl | Self::Shr | Self::Sar => self.shifted(width, a, b, flags),
        }
    }
}

impl Arithmetic {
    /// The count is taken modulo 64 for 64 bits and modulo 32 otherwise; 0
    /// changes no flags (Intel SDM, volume 2, SAL/SAR/SHL/SHR). The overflow
    /// flag is undefined for counts above 1, and given as for 1.
    fn shifted(self, width: Width, a: u64, count: u64, flags: u64) -> (u64, u64) {
        let count = (count & if width.bits == 64 { 63 } else { 31 }) as u32;
        if count == 0 {
            return (a, flags);
        }
        // All of it and the last bit that is shifted out.
        let wide = u128::from(a);
        let signed = i128::from(width.signed(a).cast_signed());
        let (result, carry) = match self {
            Self::Shl => (
                width.cut((wide << count) as u64),
                wide << count >> width.bits & 1 == 1,
            ),
            Self::Shr => ((wide >> count) as u64, wide >> (count - 1) & 1 == 1),
            _ => (
                width.cut((signed >> count) as u64),
                signed >> (count - 1) & 1 == 1,
            ),
        };
        let overflow = match self {
            Self::Shl => width.top(result) != carry,
            Self::Shr => width.top(a),
            _ => false,
        };
        let flags = with_flags(width, flags, result, carry, overflow, result);
        (result, flags)
    }
}

fn added(width: Width, a: u64, b: u64, flags: u64) -> (u64, u64) {
    let result = width.cut(a.wrapping_add(b));
    let carry = result < a;
    let overflow = width.top((a ^ result) & (b ^ result));
    (
        result,
        with_flags(width, flags, result, carry, overflow, a ^ b),
    )
}

fn subtracted(width: Width, a: u64, b: u64, flags: u64) -> (u64, u64) {
    let result = width.cut(a.wrapping_sub(b));
    let overflow = width.top((a ^ b) & (a ^ result));
    (
        result,
        with_flags(width, flags, result, a < b, overflow, a ^ b),
    )
}

/// The adjust flag is undefined then; processors clear it.
fn logical(width: Width, result: u64, flags: u64) -> (u64, u64) {
    (
        result,
        with_flags(width, flags, result, false, false, result),
    )
}

fn keeping_carry((result, after): (u64, u64), before: u64) -> (u64, u64) {
    (result, after & !CARRY | before & CARRY)
}

/// `differing` has the bits in which the operands differ: where the result
/// has others, a carry came in.
fn with_flags(
    width: Width,
    flags: u64,
    result: u64,
    carry: bool,
    overflow: bool,
    differing: u64,
) -> u64 {
    let set = |condition: bool, flag: u64| if condition { flag } else { 0 };
    flags & !ALL
        | set(carry, CARRY)
        | set((result as u8).count_ones().is_multiple_of(2), PARITY)
        | set((differing ^ result) & 0x10 != 0, ADJUST)
        | set(result == 0, ZERO)
        | set(width.top(result), SIGN)
        | set(overflow, OVERFLOW)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BYTE: Width = Width { bits: 8 };

    #[test]
    fn flags_are_as_the_manual_has_them() {
        let flags = |operation: Arithmetic, a, b| operation.result(BYTE, a, b, CARRY).1;
        assert_eq!(flags(Arithmetic::Sub, 5, 5), ZERO | PARITY);
        assert_eq!(flags(Arithmetic::Sub, 0x80, 1), OVERFLOW | ADJUST);
        assert_eq!(
            flags(Arithmetic::Add, 0xff, 1),
            CARRY | ZERO | ADJUST | PARITY
        );
        assert_eq!(
            flags(Arithmetic::Inc, 0x7f, 0),
            CARRY | OVERFLOW | SIGN | ADJUST
        );
        assert_eq!(flags(Arithmetic::And, 0x80, 0xff), SIGN);
        assert_eq!(flags(Arithmetic::Not, 0, 0), CARRY);
    }

    #[test]
    fn signs_are_kept() {
        assert_eq!(BYTE.signed(0x80), 0xffff_ffff_ffff_ff80);
        assert_eq!(BYTE.signed(0x7f), 0x7f);
    }
}
